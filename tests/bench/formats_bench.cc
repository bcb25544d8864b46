// Decoding the formats that have a mapping, at each SIMD level, per record.

#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <random>
#include <string>

#include "billing/choose_format.h"
#include "billing/mediate.h"

namespace billing {
namespace {

constexpr std::size_t kLogBytes = std::size_t{2} << 20;

/// What records are made of.
class Values {
 public:
  std::string digits(std::size_t count) {
    std::string text;
    while (text.size() < count) text += static_cast<char>('0' + random_() % 10);
    return text;
  }
  std::string number(std::uint64_t below) { return std::to_string(random_() % below); }
  /// One of as many as the place has: `0` up to `limit`, two digits.
  std::string two_digits(std::uint64_t from, std::uint64_t below) {
    return std::to_string(100 + from + random_() % (below - from)).substr(1);
  }
  std::string clock() {
    return two_digits(0, 24) + ":" + two_digits(0, 60) + ":" + two_digits(0, 60);
  }
  std::string instant() {
    return "2025-" + two_digits(1, 13) + "-" + two_digits(1, 29) + "T" + clock() + "." + digits(3) +
           "Z";
  }
  std::string address() {
    return number(256) + "." + number(256) + "." + number(256) + "." + number(256);
  }
  std::string user() { return "user" + number(1000); }
  std::string status() {
    return one_of(std::array{"200", "200", "200", "201", "304", "404", "503"});
  }
  std::string task() {
    return one_of(
        std::array{"login", "getUserProfile", "createOrder", "updateInventory", "deleteOrder"});
  }
  std::string request() {
    return one_of(std::array{"POST /api/v1/login", "GET /api/v1/users/profile",
                             "GET /api/v1/orders/48812", "PUT /api/v2/search?page=7&q=af",
                             "GET /files/download/archive.tar.gz", "GET /healthz"}) +
           std::string(" HTTP/1.1");
  }
  std::string agent() {
    return one_of(
        std::array{"curl/8.5.0", "okhttp/4.12.0",
                   "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
                   "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                   "Gecko) Chrome/124.0.0.0 Safari/537.36"});
  }

 private:
  template <std::size_t kSize>
  std::string one_of(const std::array<const char*, kSize>& all) {
    return all[random_() % kSize];
  }

  std::mt19937_64 random_{1};
};

std::string web_line(Values& values) {
  return values.address() + " - " + values.user() + " [" + values.two_digits(1, 29) +
         "/May/2025:" + values.clock() + " +0000] \"" + values.request() + "\" " + values.status() +
         " " + values.number(100'000) + " \"https://app.example/a\" \"" + values.agent() + "\" 0." +
         values.digits(3) + "\n";
}

std::string json_line(Values& values) {
  return R"({"time":")" + values.instant() + R"(","request_id":")" + values.digits(24) +
         R"(","user":")" + values.user() + R"(","task":")" + values.task() + R"(","status":)" +
         values.status() + R"(,"duration_ms":)" + values.number(2000) +
         R"(,"region":"eu-west-1","client":{"ip":")" + values.address() +
         R"(","agent":"curl/8.5.0"}})" + "\n";
}

std::string csv_line(Values& values) {
  return values.instant() + "," + values.digits(24) + "," + values.user() + "," + values.task() +
         "," + values.status() + "," + values.number(2000) + ",eu-west-1,\"" + values.address() +
         ", curl/8.5.0\"\n";
}

std::string tsv_line(Values& values) {
  return values.instant() + "\t" + values.digits(24) + "\t" + values.user() + "\t" + values.task() +
         "\t" + values.status() + "\t" + values.number(2000) + "\teu-west-1\t" + values.address() +
         "\n";
}

std::string logfmt_line(Values& values) {
  return "time=" + values.instant() + " level=info request_id=" + values.digits(24) +
         " user=" + values.user() + " task=" + values.task() + " status=" + values.status() +
         " duration_ms=" + values.number(2000) + " msg=\"request done\"\n";
}

struct Log {
  FormatSettings settings;
  std::string bytes;
};

Log make_log(const char* format, const std::string& header, std::string (*line)(Values&)) {
  Log log;
  log.settings.format = format;
  log.bytes = header;
  for (Values values; log.bytes.size() < kLogBytes;) log.bytes += line(values);
  return log;
}

Log make_web_log() {
  Log log = make_log("auto", "", web_line);
  log.settings.log_format =
      R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent )"
      R"("$http_referer" "$http_user_agent" $request_time)";
  return log;
}

void decode(benchmark::State& state, SimdLevel level, const Log& log) {
  const auto batch = std::make_unique<EventBatch>();
  const auto sample = [&log](std::size_t) {
    return InputSample{"log", log.bytes.substr(0, kSampleBytes), false};
  };
  MediationOptions options;
  options.format = make_input_format(choose_formats(log.settings, 1, sample)[0]);
  options.simd = level;
  std::int64_t records = 0;
  std::uint64_t rejects = 0;
  for (auto _ : state) {
    const MediationCounts counts = mediate(
        {log.bytes, log.bytes.size(), true}, options, *batch,
        [](EventBatch& events) { benchmark::DoNotOptimize(events.size); }, [](const Reject&) {});
    records += static_cast<std::int64_t>(counts.records);
    rejects += counts.rejects;
  }
  if (rejects != 0) state.SkipWithError("records were rejected");
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(log.bytes.size()));
}

const int kRegistered = [] {
  const auto add = [](const char* name, const Log& log) {
    for (const SimdLevel level : available_simd_levels()) {
      benchmark::RegisterBenchmark(
          ("decode_" + std::string(name) + "/" + std::string(name_of(level))).c_str(),
          [level, log](benchmark::State& state) { decode(state, level, log); });
    }
  };
  const std::string kColumns = "time,request_id,user,task,status,duration_ms,region,client\n";
  const std::string kTabbed = "time\trequest_id\tuser\ttask\tstatus\tduration_ms\tregion\tclient\n";
  add("web", make_web_log());
  add("json", make_log("json", "", json_line));
  add("csv", make_log("csv", kColumns, csv_line));
  add("tsv", make_log("tsv", kTabbed, tsv_line));
  add("logfmt", make_log("logfmt", "", logfmt_line));
  return 0;
}();

}  // namespace
}  // namespace billing
