#include "generate/record_writer.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/decimal_digits.h"
#include "generate/bad_records.h"

namespace billing {

namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

/// A piece of a line, copied whole; `size` bytes of it count.
template <std::size_t kCapacity>
struct Piece {
  std::array<char, kCapacity - 1> text{};
  std::uint8_t size = 0;

  constexpr void append(std::string_view more) {
    for (const char c : more) text[size++] = c;
  }
  char* write(char* out) const {
    std::memcpy(out, this, kCapacity);
    return out + size;
  }
};

constexpr std::array<char, 2> digit_pair(std::size_t number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

constexpr auto kDigitPairs = [] {
  std::array<std::array<char, 2>, 100> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = digit_pair(i);
  return pairs;
}();

/// " login 200 "
constexpr auto kCallPieces = [] {
  std::array<Piece<32>, kGeneratedCalls> pieces{};
  for (std::size_t call = 0; call < pieces.size(); ++call) {
    pieces[call].append(" ");
    pieces[call].append(task_of_call(call));
    pieces[call].append(" ");
    pieces[call].append(status_of_call(call));
    pieces[call].append(" ");
  }
  return pieces;
}();

/// "1568ms\n"; the first row is kMinDurationMs.
constexpr auto kDurationPieces = [] {
  std::array<Piece<8>, kMaxDurationMs - kMinDurationMs + 1> pieces{};
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::size_t duration_ms = kMinDurationMs + i;
    for (const std::size_t power : {1000U, 100U, 10U, 1U}) {
      const char digit = static_cast<char>('0' + duration_ms / power % 10);
      if (duration_ms >= power) pieces[i].append({&digit, 1});
    }
    pieces[i].append("ms\n");
  }
  return pieces;
}();

constexpr std::string_view kClockAndPrefix = "00:00:00Z user";

}  // namespace

RecordWriter::RecordWriter(std::int64_t start_s, std::int64_t end_s)
    : first_midnight_s_(start_s / kSecondsPerDay * kSecondsPerDay) {
  using std::chrono::days, std::chrono::sys_days, std::chrono::year_month_day;
  const std::int64_t last_day = (end_s - 1) / kSecondsPerDay;
  for (std::int64_t day = start_s / kSecondsPerDay; day <= last_day; ++day) {
    const year_month_day date{sys_days{days{day}}};
    const auto year = static_cast<std::size_t>(static_cast<int>(date.year()));
    const auto century = digit_pair(year / 100), rest = digit_pair(year % 100);
    const auto month = digit_pair(static_cast<unsigned>(date.month()));
    const auto day_of_month = digit_pair(static_cast<unsigned>(date.day()));
    days_.push_back({century[0], century[1], rest[0], rest[1], '-', month[0], month[1], '-',
                     day_of_month[0], day_of_month[1], 'T'});
  }
}

char* RecordWriter::write(const RecordBatch& batch, char* out) const {
  for (std::size_t i = 0; i < batch.size; ++i) {
    out = batch.bad_kind[i] == RecordBatch::kNotBad ? write_good(batch, i, out)
                                                    : write_bad(batch, i, out);
  }
  return out;
}

inline char* RecordWriter::write_good(const RecordBatch& batch, std::size_t i, char* out) const {
  out = write_time_and_user_prefix(batch.time_s[i], out);
  out = write_decimal(out, batch.user[i]);
  out = kCallPieces[batch.call[i]].write(out);
  return kDurationPieces[batch.duration_ms[i] - kMinDurationMs].write(out);
}

/// Slow and plain: the line is written as a good one, taken apart, spoilt and put together again.
char* RecordWriter::write_bad(const RecordBatch& batch, std::size_t i, char* out) const {
  std::array<char, kMaxLineBytes> line;
  const auto size = static_cast<std::size_t>(write_good(batch, i, line.data()) - line.data());
  const std::string spoilt =
      spoil_record({line.data(), size - 1}, bad_record_kinds()[batch.bad_kind[i]]);
  out = std::copy(spoilt.begin(), spoilt.end(), out);
  *out++ = '\n';
  return out;
}

inline char* RecordWriter::write_time_and_user_prefix(std::int64_t time_s, char* out) const {
  const auto since_first_midnight_s = static_cast<std::uint64_t>(time_s - first_midnight_s_);
  const auto second_of_day = static_cast<std::uint32_t>(since_first_midnight_s % kSecondsPerDay);
  std::memcpy(out, days_[since_first_midnight_s / kSecondsPerDay].data(), sizeof(DayText));
  std::memcpy(out + 11, kClockAndPrefix.data(), kClockAndPrefix.size());
  std::memcpy(out + 11, kDigitPairs[second_of_day / 3600].data(), 2);
  std::memcpy(out + 14, kDigitPairs[second_of_day / 60 % 60].data(), 2);
  std::memcpy(out + 17, kDigitPairs[second_of_day % 60].data(), 2);
  return out + 11 + kClockAndPrefix.size();
}

}  // namespace billing
