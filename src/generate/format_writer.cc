#include "generate/format_writer.h"

#include <array>
#include <cstring>
#include <string>

#include "base/civil_time.h"
#include "base/decimal_digits.h"

namespace billing {
namespace {

/// So that the details of a log do not repeat the words of its records.
constexpr std::uint64_t kDetailSeed = 0x6465'7461'696c'7300;

/// The request behind each of kGeneratedTasks; an id follows `path`, and `end` that.
struct TaskRequest {
  std::string_view method;
  std::string_view path;
  bool has_id;
  std::string_view end;
};
constexpr std::array<TaskRequest, kGeneratedTasks.size()> kRequests = {{
    {"POST", "/v1/login", false, ""},
    {"GET", "/v1/users/", true, "/profile"},
    {"POST", "/v1/orders", false, ""},
    {"PUT", "/v1/inventory/", true, ""},
    {"DELETE", "/v1/orders/", true, ""},
}};

/// Most calls come from desktops and phones; each agent is as likely as another.
constexpr std::string_view kAgents[] = {
    R"(Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36)",
    R"(Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15)",
    R"(Mozilla/5.0 (X11; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0)",
    R"(Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:138.0) Gecko/20100101 Firefox/138.0)",
    R"(Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1)",
    R"(Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36)",
    R"(okhttp/4.12.0)",
    R"(Mozilla/5.0 (iPad; CPU OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/604.1)",
    R"(Mozilla/5.0 (Linux; Android 14; SM-X710 Tablet) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36)",
    R"(Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html))",
    R"(Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm))",
};

constexpr std::string_view kReferers[] = {"-", "-", "https://app.example/",
                                          "https://app.example/orders"};

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

char* copy(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* copy_number(std::uint64_t number, char* out) { return write_decimal(out, number); }

char* copy_two_digits(std::int64_t number, char* out) {
  *out++ = static_cast<char>('0' + number / 10);
  *out++ = static_cast<char>('0' + number % 10);
  return out;
}

char* copy_clock(std::int64_t second_of_day, char* out) {
  out = copy_two_digits(second_of_day / kSecondsPerHour, out);
  *out++ = ':';
  out = copy_two_digits(second_of_day / kSecondsPerMinute % 60, out);
  *out++ = ':';
  return copy_two_digits(second_of_day % 60, out);
}

/// `02/May/2025:23:16:50 +0000`
char* copy_web_time(std::int64_t time_s, char* out) {
  const CivilDate date = civil_from_days(time_s / kSecondsPerDay);
  out = copy_two_digits(date.day, out);
  *out++ = '/';
  out = copy(kMonths.substr(static_cast<std::size_t>(date.month - 1) * 3, 3), out);
  *out++ = '/';
  out = copy_number(static_cast<std::uint64_t>(date.year), out);
  *out++ = ':';
  out = copy_clock(time_s % kSecondsPerDay, out);
  return copy(" +0000", out);
}

/// `2025-05-02T23:16:50Z`
char* copy_time(std::int64_t time_s, char* out) {
  const CivilDate date = civil_from_days(time_s / kSecondsPerDay);
  out = copy_number(static_cast<std::uint64_t>(date.year), out);
  *out++ = '-';
  out = copy_two_digits(date.month, out);
  *out++ = '-';
  out = copy_two_digits(date.day, out);
  *out++ = 'T';
  out = copy_clock(time_s % kSecondsPerDay, out);
  *out++ = 'Z';
  return out;
}

/// An address of those that are set aside for measurements, 198.18.0.0/15: always the same one of a
/// user, though two users may share one.
char* copy_address(std::uint64_t user, char* out) {
  const std::uint64_t host = CounterRandom(user).word(0, Purpose::user) % (1U << 17);
  out = copy("198.", out);
  out = copy_number(18 + (host >> 16), out);
  *out++ = '.';
  out = copy_number(host >> 8 & 255, out);
  *out++ = '.';
  return copy_number(host & 255, out);
}

char* write_json(const RecordBatch& batch, std::size_t i, char* out) {
  out = copy_time(batch.time_s[i], copy(R"({"time":")", out));
  out = copy_number(batch.user[i], copy(R"(","user":"user)", out));
  out = copy(task_of_call(batch.call[i]), copy(R"(","task":")", out));
  out = copy(status_of_call(batch.call[i]), copy(R"(","status":)", out));
  out = copy_number(batch.duration_ms[i], copy(R"(,"duration_ms":)", out));
  return copy("}\n", out);
}

char* write_csv(const RecordBatch& batch, std::size_t i, char* out) {
  out = copy_time(batch.time_s[i], out);
  out = copy_number(batch.user[i], copy(",user", out));
  out = copy(task_of_call(batch.call[i]), copy(",", out));
  out = copy(status_of_call(batch.call[i]), copy(",", out));
  out = copy_number(batch.duration_ms[i], copy(",", out));
  return copy("\n", out);
}

}  // namespace

std::string_view header_of(LogForm form) {
  return form == LogForm::csv ? "time,user,task,status,duration_ms\n" : "";
}

FormatWriter::FormatWriter(LogForm form, std::uint64_t seed)
    : form_(form), details_(seed ^ kDetailSeed) {}

char* FormatWriter::write(const RecordBatch& batch, std::uint64_t first, char* out) const {
  for (std::size_t i = 0; i < batch.size; ++i) {
    if (form_ == LogForm::json) {
      out = write_json(batch, i, out);
    } else if (form_ == LogForm::csv) {
      out = write_csv(batch, i, out);
    } else {
      out = write_combined(batch, i, first + i, out);
    }
  }
  return out;
}

char* FormatWriter::write_combined(const RecordBatch& batch, std::size_t i, std::uint64_t record,
                                   char* out) const {
  std::uint64_t word = details_.word(record, Purpose::fields);
  const auto one_of = [&word](const auto& all) { return all[take_below(word, std::size(all))]; };
  const TaskRequest& request = kRequests[batch.call[i] / kCallsPerTask];
  out = copy_address(batch.user[i], out);
  out = copy_number(batch.user[i], copy(" - user", out));
  out = copy_web_time(batch.time_s[i], copy(" [", out));
  out = copy(request.method, copy("] \"", out));
  out = copy(request.path, copy(" ", out));
  constexpr std::uint64_t kIds = 1'000'000;
  if (request.has_id) out = copy_number(1 + take_below(word, kIds), out);
  out = copy(" HTTP/1.1\" ", copy(request.end, out));
  out = copy(status_of_call(batch.call[i]), out);
  constexpr std::uint64_t kMaxBytes = 50'000;
  out = copy_number(take_below(word, kMaxBytes), copy(" ", out));
  out = copy(one_of(kReferers), copy(" \"", out));
  out = copy(one_of(kAgents), copy("\" \"", out));
  return copy("\"\n", out);
}

}  // namespace billing
