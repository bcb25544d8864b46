#pragma once

// Logs as strangers send them: everything that the format allows and everything that it does not,
// the same for the same seed.

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace billing {

class HostileLog {
 public:
  explicit HostileLog(std::uint64_t seed)
      : random_(seed),
        bad_percent_(below(3) == 0 ? 0 : below(40)),
        odd_percent_(below(3) == 0 ? 0 : below(60)),
        users_(1 + below(below(4) == 0 ? 200 : 12)),
        tasks_(1 + below(6)),
        crlf_(below(4) == 0) {}

  /// A number from 0 to `limit` - 1.
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool happens(std::uint64_t percent) { return below(100) < percent; }

  template <class T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

  std::string text(std::size_t lines) {
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) text += line() + (crlf_ || happens(3) ? "\r\n" : "\n");
    if (happens(30) && !text.empty()) text.pop_back();  // leaves the CR of a CR LF
    return text;
  }

  std::string line() {
    if (happens(bad_percent_)) return bad_line();
    std::string line = time() + blank() + user() + blank() + task() + blank() + status() + blank() +
                       duration() + "ms";
    if (odd())
      line = one_of<std::string>({"", " ", "\t "}) + line + one_of<std::string>({"", " \t"});
    return odd() && happens(20) ? one_of<std::string>({"", " ", " \t", "\r", " \r"}) : line;
  }

 private:
  bool odd() { return happens(odd_percent_) && happens(40); }

  std::string two_digits(std::uint64_t number) {
    return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
  }

  /// Within a few months around the summer and winter changes of clocks, often the same second.
  std::string time() {
    if (odd()) return one_of(kOddTimes);
    const std::string day = one_of<std::string>(
        {"2025-03-09", "2025-03-30", "2025-05-02", "2025-11-02", "2024-12-30", "2025-02-28"});
    const std::string clock = two_digits(below(4)) + ":" + two_digits(below(3) * 29) + ":" +
                              two_digits(happens(50) ? 0 : below(60));
    const std::string fraction =
        odd() ? one_of<std::string>({".0", ".5", ".123456789", ".000000001"}) : "";
    return day + "T" + clock + fraction +
           (odd() ? one_of<std::string>({"+02:00", "-03:30", "-00:00", "+23:59"}) : "Z");
  }

  std::string user() { return odd() ? one_of(kOddNames) : "user" + std::to_string(below(users_)); }

  std::string task() {
    if (odd()) return one_of(kOddNames);
    return one_of<std::string>({"login", "createOrder", "getUserProfile"}) +
           (below(tasks_) == 0 ? "" : std::to_string(below(tasks_)));
  }

  std::string status() { return std::to_string(below(4) == 0 ? 100 + below(500) : 200); }

  std::string duration() {
    if (odd())
      return one_of<std::string>({"0", "00000000", "99999999", "100000000", "4294967295",
                                  "4294967296", "999999999999999", "000000000000001"});
    return std::to_string(below(happens(50) ? 10 : 5000));
  }

  std::string blank() { return odd() ? one_of<std::string>({"  ", "\t", " \t "}) : " "; }

  std::string bad_line() {
    std::array<std::string, 5> fields = {time(), user(), task(), status(), duration() + "ms"};
    const std::uint64_t flaws = 1 + below(2);
    for (std::uint64_t i = 0; i < flaws; ++i) {
      switch (below(8)) {
        case 0:
          fields[0] = one_of(kBadTimes);
          break;
        case 1:
          fields[1] = one_of(kBadNames);
          break;
        case 2:
          fields[2] = one_of(kBadNames);
          break;
        case 3:
          fields[3] = one_of<std::string>({"099", "600", "20", "2000", "2x0", "+20"});
          break;
        case 4:
          fields[4] = one_of(kBadDurations);
          break;
        case 5:
          fields[below(5)].clear();
          break;
        case 6:
          fields[below(5)] += " extra";
          break;
        default:
          return garbled(fields);
      }
    }
    return joined(fields);
  }

  std::string joined(std::span<const std::string> fields) {
    std::string line;
    for (const std::string& field : fields) line += (line.empty() ? "" : blank()) + field;
    return line;
  }

  /// One byte of a good line is another one; not LF, which would make two lines of it.
  std::string garbled(std::span<const std::string> fields) {
    std::string line = joined(fields);
    line[below(line.size())] = static_cast<char>(11 + below(245));
    return line;
  }

  inline static const std::vector<std::string> kOddTimes{
      "1970-01-01T00:00:00Z", "1970-01-01T00:00:00+05:00", "1970-01-01T03:00:00.5+03:30",
      "2106-02-07T06:28:15Z", "2106-02-07T06:28:16Z",      "2261-12-31T23:59:59.999999999-23:59",
      "2261-12-31T23:59:59Z", "2024-02-29T23:59:59Z",      "2007-04-01T03:31:00Z",
      "2006-10-29T02:31:00Z", "2011-12-30T10:00:00Z",      "2011-12-30T09:59:59.999999999Z",
      "2050-07-01T00:00:00Z"};
  inline static const std::vector<std::string> kOddNames{"a",
                                                         "a,b",
                                                         "\"q\"",
                                                         "=SUM(A1)",
                                                         "\\",
                                                         "日本",
                                                         "é",
                                                         "x@y.example",
                                                         std::string(255, 'n'),
                                                         std::string(254, 'n'),
                                                         std::string(16, 's'),
                                                         std::string(17, 's'),
                                                         std::string(16, 's') + "t",
                                                         "user1",
                                                         "login",
                                                         "200"};
  inline static const std::vector<std::string> kBadTimes{"2025-02-29T00:00:00Z",
                                                         "2025-05-02t23:16:50Z",
                                                         "2025-05-02T23:16:60Z",
                                                         "1969-12-31T23:59:59Z",
                                                         "2262-01-01T00:00:00Z",
                                                         "2025-05-02T23:16:50",
                                                         "2025-05-02T23:16:50.Z",
                                                         "2025-05-02T23:16:50.1234567890Z",
                                                         "2025-05-02T23:16:50+24:00",
                                                         "2025-05-02T24:00:00Z",
                                                         "2025-00-02T23:16:50Z",
                                                         "2025-05-00T23:16:50Z",
                                                         "0",
                                                         "\xFF"};
  inline static const std::vector<std::string> kBadNames{
      std::string(256, 'n'), std::string(300, 'm'), "a\x01",   "a\rb", "a\x7F", "\xC2\x85", "\xC3",
      "\xED\xA0\x80",        "\xF4\x90\x80\x80",    "\xC0\xAF"};
  inline static const std::vector<std::string> kBadDurations{
      "12", "ms", "12s", "1234567890123456ms", "-1ms", "1.5ms", "12MS", "12mS", "0x1ms", "12msms"};

  std::mt19937_64 random_;
  std::uint64_t bad_percent_;
  std::uint64_t odd_percent_;
  std::uint64_t users_;
  std::uint64_t tasks_;
  bool crlf_;
};

}  // namespace billing
