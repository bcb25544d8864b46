#pragma once

// Records of the shape that kernels take without a closer look, and such that just miss it: each
// text is now and then at a limit of its kernel, or beyond it.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "job/formats_soups.h"

namespace billing {

inline const Records kTimes = {"2025-05-02T23:16:50.2Z",
                               "2025-05-02T23:16:50.260123Z",
                               "2025-05-02T23:16:50.12345678Z",
                               "2025-05-02T23:16:50.123456789Z",
                               "2025-05-02T23:16:50.123456788Z",
                               "2025-05-02T23:16:50.1234567891Z",
                               "2025-05-02T23:16:50.Z",
                               "2025-05-02T23:16:50.2:4Z",
                               "2025-05-02T23:16:50.2Z4Z",
                               "2025-05-02T23:16:50,25Z",
                               "2025-05-02T23:16:50",
                               "2025-05-02 23:16:50Z",
                               "2025-05-02t23:16:50z",
                               "2025-05-02T23:16:50+02:00",
                               "2025-05-02T23:16:50.5+02:00",
                               "2025-02-29T00:00:00Z",
                               "2024-02-29T00:00:00Z",
                               "2025-00-10T00:00:00Z",
                               "2025-13-10T00:00:00Z",
                               "2025-05-00T00:00:00Z",
                               "2025-05-02T24:00:00Z",
                               "2025-05-02T23:60:00Z",
                               "2025-05-02T23:59:60Z",
                               "1969-12-31T23:59:59Z",
                               "9999-01-01T00:00:00Z",
                               "2025-05-02T23:16:5:Z",
                               "2025-05-02T23:16:50X",
                               "2025-05-02",
                               "1746227810",
                               "1746227810.25",
                               "x",
                               ""};
inline const Records kStatuses = {"404",  "099", "99",  "0",   "-", "-1",
                                  "1000", "2x0", "999", "20:", ""};
inline const Records kQuantities = {"0",
                                    "7",
                                    "12345678",
                                    "123456789",
                                    "0.5",
                                    "1234.5",
                                    "123456.7",
                                    ".5",
                                    "5.",
                                    "1..5",
                                    "1e2",
                                    "-1",
                                    "00000001",
                                    "1234567x",
                                    "999999999999999",
                                    "1000000000000000",
                                    "12:4",
                                    "0.0000004",
                                    "+5",
                                    ""};

/// Names around the sizes of vectors, and with something in them that is no part of a plain name.
inline Records odd_names() {
  Records names = {"-",   " ",    "",        " a",        "a ",   "a b", "\"",
                   "\"a", "a\"b", "a\"b\"c", "a\xc3\xa4", "\x7f", "\x1f"};
  for (const std::size_t size : {1, 7, 8, 31, 32, 33, 63, 64, 65, 255, 256}) {
    names.emplace_back(size, 'n');
    for (const char odd : {'\x1f', '\x7f', '\xff', ' ', '"', '{', ',', '~'}) {
      names.emplace_back(size, 'n').back() = odd;
      names.emplace_back(size, 'n')[size / 2] = odd;
    }
  }
  return names;
}

class PlainTexts {
 public:
  explicit PlainTexts(std::uint64_t round)
      : oddness(round % 3 == 0 ? 20 : 500),
        has_fractions(round % 2 == 0),
        has_cr(round % 5 == 0),
        is_quoted(round % 4 == 1),
        random_(round) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }

  /// Now and then one that is not as most are.
  std::string text(const std::string& plain, const Records& others) {
    return below(oddness) == 0 ? one_of(others) : plain;
  }
  std::string time() {
    const std::string second = "2025-05-02T23:16:5" + std::to_string(below(10));
    return text(second + (has_fractions ? "." + std::to_string(below(100)) : "") + "Z", kTimes);
  }
  std::string user() { return text("user" + std::to_string(below(120)), names_); }
  std::string task() { return text(below(2) == 0 ? "login" : "createOrder", names_); }
  std::string status() { return text("200", kStatuses); }
  std::string quantity() { return text(std::to_string(below(20'000)), kQuantities); }
  std::string line_end() { return below(has_cr ? 2 : 40) == 0 ? "\r\n" : "\n"; }

  /// As CSV may write it, whether it needs quotes or not.
  std::string cell(const std::string& text) {
    if (below(is_quoted ? 8 : 60) >= (is_quoted ? 7U : 1U)) return text;
    std::string cell = "\"";
    for (const char c : text) cell += below(9) > 0 && c == '"' ? "\"\"" : std::string(1, c);
    return cell + '"';
  }

  /// Of the columns time, id, user, task, status, duration_ms and client.
  std::string row() {
    return cell(time()) + "," + std::to_string(below(1000)) + "," + cell(user()) + "," +
           cell(task()) + "," + cell(status()) + "," + cell(quantity()) + "," +
           text("\"1, x\"\"y\"", names_);
  }

  static std::string quoted(const std::string& text) { return '"' + text + '"'; }
  /// What may stand in a string that nobody asks for.
  std::string aside() {
    return quoted(text("Mozilla/5.0 (X11; {a,b}) [x], like: y",
                       {"", "a\"b\"c", "a\"b", "\\\"", "\\", "\xc3\xa4", "\xff", "\t", "\f",
                        "a\",\"user\":\"b", "}", "{", ",", "\\u0041", "\"", "\",\""}));
  }
  /// A number that nobody asks for, or what stands in its place.
  std::string number() {
    return text(std::to_string(below(3000)),
                {"0",   "01",  "-1",          "1e5",       "1.5",   "null",    "true", "false",
                 "nul", "tru", "12345678901", "123456789", "00",    "+1",      ".5",   "",
                 "1 ",  " 1",  "[]",          "{}",        "[1,2]", "\"x\"",   "1,2",  "x",
                 "--1", "1\"", "\"1",         "-",         "12:4",  "\xc3\xa4"});
  }
  std::string asked(const std::string& text) {
    return below(50) == 0 ? one_of(kScalars) : quoted(text);
  }
  std::string asked_number(const std::string& text) { return below(400) == 0 ? number() : text; }

  /// Objects of a few shapes: as a program writes them, with an optional key, with blanks, with
  /// keys in another order.
  std::string json() {
    switch (below(is_mixed ? 4 : 1)) {
      case 1:
        return "{\"time\":" + asked(time()) + ",\"user\":" + asked(user()) +
               ",\"task\":" + asked(task()) + ",\"trace\":" + aside() +
               ",\"duration_ms\":" + asked_number(quantity()) + "}";
      case 2:
        return "{ \"duration_ms\" : " + asked_number(quantity()) +
               " , \"user\" : " + asked(user()) + ", \"time\": " + asked(time()) +
               ", \"more\": [ " + number() + ", {} ], \"task\": " + asked(task()) + " }";
      case 3:
        return "{\"a key that is longer than any vector of bytes, and longer than two of them "
               "are\":" +
               number() + ",\"time\":" + asked(time()) + ",\"user\":" + asked(user()) +
               ",\"task\":" + asked(task()) + ",\"duration_ms\":" + quoted(quantity()) + "}";
      default:
        return "{\"time\":" + asked(time()) + ",\"id\":" + number() + ",\"user\":" + asked(user()) +
               ",\"task\":" + asked(task()) + ",\"status\":" + asked_number(status()) +
               ",\"duration_ms\":" + asked_number(quantity()) + ",\"client\":{\"ip\":" + aside() +
               ",\"agent\":" + aside() + "}}" + text("", {" ", ",", "}", "x", "\t", "{}"});
    }
  }

  // How a log is.
  std::size_t oddness;  ///< one in so many texts is odd
  bool has_fractions;
  bool has_cr;
  bool is_quoted;  ///< most cells of rows are
  bool is_mixed = false;

 private:
  inline static const Records kScalars = {"null", "7", "true", "007", "nul", "12345678901"};

  const std::string& one_of(const Records& all) { return all[below(all.size())]; }

  std::mt19937_64 random_;
  const Records names_ = odd_names();
};

}  // namespace billing
