// Both engines on logs in wrappers, good ones and what chance makes of them: lines of two streams,
// in parts, of which some are of no wrapper at all.

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "random_comparison.h"

namespace billing {
namespace {

const std::vector<std::string> kText = {"2025-05-02T23:16:50Z ann login 200 260ms",
                                        "2025-05-02T23:16:51Z bob createOrder 404 1ms\r",
                                        "2025-05-02T23:16:52Z c \"x\" 200",
                                        "",
                                        " \t",
                                        "noise"};
const std::vector<std::string> kCombined = {
    R"(192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a?x=1 HTTP/1.1" 200 59 "-" "curl/8")",
    R"(192.0.2.1 - - [02/May/2025:23:16:51 +0200] "POST /v1/b HTTP/1.1" 404 0 "-" "a \"b\" c")",
    "[error] no call", ""};
const std::vector<std::string> kCsv = {"time,user,task,status,duration_ms",
                                       "2025-05-02T23:16:50Z,ann,login,200,260",
                                       "2025-05-02T23:16:51Z,\"b",
                                       "o\"\"b\",login,404,1",
                                       "2025-05-02T23:16:52Z,c,login,200,7,8",
                                       "\"",
                                       ""};
const std::vector<std::string> kJson = {
    R"({"time":"2025-05-02T23:16:50Z","user":"ann","task":"login","status":200,"duration_ms":260})",
    R"({"user":"\u00e4\ud83d\ude00","time":1746227810,"duration_ms":"1e2","task":"GET /x"})", "{}"};
const std::vector<std::string> kLogfmt = {
    "time=2025-05-02T23:16:50Z user=ann task=login status=200 duration_ms=260", "user=\"b\" x",
    "x"};

struct Inside {
  const char* format;
  const std::vector<std::string>& lines;
};

class WrappersDifferential : public RandomComparison {
 protected:
  WrappersDifferential() { job.usage.cycles = cycles("day"); }

  /// As JSON may write it: some characters as escapes that need none.
  std::string json_string(std::string_view text) {
    std::string json = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        json += std::string("\\") + c;
      } else if (c == '\n') {
        json += below(4) == 0 ? "\\u000a" : "\\n";
      } else if (c == '\r' || c == '\t') {
        json += c == '\r' ? "\\r" : "\\t";
      } else if (c == '<' || below(200) == 0) {
        constexpr const char* kDigits = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c);
        json += byte < 0x80 ? std::string("\\u00") + kDigits[byte / 16] + kDigits[byte % 16]
                            : std::string(1, c);
      } else {
        json += c;
      }
    }
    return json + "\"";
  }

  std::string docker_line(std::string_view text, bool is_error, bool is_whole) {
    std::string log = std::string(text) + (is_whole ? "\n" : "");
    if (below(30) == 0) log.insert(below(log.size() + 1), "\n");
    const std::string stream = is_error ? "stderr" : "stdout";
    switch (below(12)) {
      case 0:
        return "{\"time\":\"x\", \"stream\":\"" + stream + "\",\"log\":" + json_string(log) + " }";
      case 1:
        return "{\"log\":" + json_string(log) + ",\"attrs\":{\"a\":[1e999,{}]},\"stream\":\"" +
               stream + "\",\"log\":\"second\"}";
      case 2:
        return "{\"l\\u006fg\":" + json_string(log) + "}";
      default:
        return "{\"log\":" + json_string(log) + ",\"stream\":\"" + stream +
               "\",\"time\":\"2025-05-02T23:16:50.123456789Z\"}";
    }
  }

  std::string wrapped_line(Wrapper wrapper, std::string_view text, bool is_error, bool is_whole) {
    const std::string line(text);
    switch (wrapper) {
      case Wrapper::docker:
        return docker_line(text, is_error, is_whole);
      case Wrapper::cri:
        return "2025-05-02T23:16:50.1+02:00 " + std::string(is_error ? "stderr " : "stdout ") +
               (is_whole ? "F" : "P") + (below(20) == 0 ? ":tag" : "") +
               (line.empty() && below(2) == 0 ? "" : " " + line);
      case Wrapper::compose:
        return "web-1  |" + (line.empty() && below(2) == 0 ? "" : " " + line);
      case Wrapper::syslog: {
        const std::vector<std::string> heads = {"May  2 23:16:50 host nginx:",
                                                "<190>May 12 23:16:50 host nginx[12]:",
                                                "<13>May  2 23:16:50 app:",
                                                "2025-05-02T23:16:50.5+02:00 host app[1]:",
                                                "<34>1 2025-05-02T23:16:50Z host app 12 ID7 -",
                                                "<34>1 - - - - - [a@1 b=\"]\\\"\" c=\"\"][d]"};
        return one_of(heads) + (line.empty() && below(2) == 0 ? "" : " " + line);
      }
      case Wrapper::none:
        break;
    }
    return line;
  }

  /// A line of the log, in parts where the wrapper has such, among which other lines may stand.
  void append(std::string& log, Wrapper wrapper, const Inside& inside) {
    std::string_view text = one_of(inside.lines);
    const bool is_error = below(4) == 0;
    while (has_streams(wrapper) && below(3) == 0) {
      const std::size_t size = below(text.size() + 1);
      append_changed(log, wrapped_line(wrapper, text.substr(0, size), is_error, false));
      text.remove_prefix(size);
      if (below(3) == 0) append(log, wrapper, inside);
    }
    append_changed(log, wrapped_line(wrapper, text, is_error, below(30) > 0));
  }

  void append_changed(std::string& log, std::string line) {
    const std::vector<std::string> pieces = {" ", "\"", "\\", "[",       "]",        ":",
                                             "|", "F",  "P",  "\xff",    "\xc3\xa4", "-",
                                             "1", "{",  "}",  "\\ud800", "\r"};
    if (below(6) == 0) {
      const std::size_t at = below(std::min<std::size_t>(line.size() + 1, 90));
      if (below(2) == 0) {
        line.insert(at, one_of(pieces));
      } else {
        line.erase(at, 1 + below(3));
      }
    }
    log += line + (below(10) == 0 ? "\r\n" : "\n");
    if (below(20) == 0) log += below(2) == 0 ? "\n" : " \t\r\n";
    if (below(20) == 0) log += "of no wrapper\n";
    if (below(80) == 0) log += std::string(1000 + below(2000), 'x') + "\n";
  }

  std::string log_of(Wrapper wrapper, const Inside& inside, std::size_t lines) {
    std::string log = below(8) == 0 ? "\xEF\xBB\xBF" : "";
    if (inside.format == std::string("csv")) {
      log += wrapped_line(wrapper, inside.lines[0], job.format.stream == LogStream::err, true);
      log += "\n";
    }
    for (std::size_t i = 0; i < lines; ++i) append(log, wrapper, inside);
    if (!log.empty() && below(4) == 0) log.pop_back();
    return log;
  }

  void compare(Wrapper wrapper, int rounds) {
    const std::vector<Inside> insides = {{"text", kText},
                                         {"combined", kCombined},
                                         {"csv", kCsv},
                                         {"json", kJson},
                                         {"logfmt", kLogfmt}};
    for (int round = 0; round < rounds; ++round) {
      SCOPED_TRACE(round);
      random_.seed(static_cast<std::uint64_t>(round));
      const Inside& inside = one_of(insides);
      job.format = {};
      job.format.format = inside.format;
      job.format.unwrap = wrapper;
      const std::vector<LogStream> streams = {LogStream::out, LogStream::err, LogStream::all};
      if (has_streams(wrapper)) job.format.stream = one_of(streams);
      if (inside.format == std::string("csv"))
        job.format.columns = {"time", "user", "task", "status", "duration_ms"};
      read_files({log_of(wrapper, inside, 1 + below(60)), log_of(wrapper, inside, below(3))});
      job.unrated = round % 4 == 0 ? UnratedPolicy::reject : UnratedPolicy::zero;
      job.mediation.max_record_bytes = round % 3 == 0 ? kMinRecordLimitBytes : 16 << 20;
      const Variant pipes{.threads = 2, .chunk_bytes = 1 + below(200), .pipes = true};
      if (!agree({Variant{1}, {3, 1}, {2, 1 + below(300)}, pipes})) return;
    }
  }
};

int rounds() { return rounds_or(60); }

TEST_F(WrappersDifferential, Docker) { compare(Wrapper::docker, rounds()); }
TEST_F(WrappersDifferential, Cri) { compare(Wrapper::cri, rounds()); }
TEST_F(WrappersDifferential, Compose) { compare(Wrapper::compose, rounds()); }
TEST_F(WrappersDifferential, Syslog) { compare(Wrapper::syslog, rounds()); }

/// Parts that are too long together, and a quote that takes in all that follows.
TEST_F(WrappersDifferential, LongerThanAnyRecordMayBe) {
  const std::string head = "2025-05-02T23:16:50Z stdout ";
  for (const char* const format : {"csv", "text"}) {
    for (const std::size_t parts : {1U, 2U, 40U, 2000U}) {
      std::string log;
      for (int i = 0; i < 3; ++i) log += head + "F 2025-05-02T23:16:50Z,ann,login,200,1\n";
      for (std::size_t i = 0; i < parts; ++i) {
        log += head + "P " + std::string(700, 'x') + "\n";
        if (i % 7 == 0) log += "of no wrapper\n2025-05-02T23:16:50Z stderr F other\n";
      }
      log += head + "F \r\n" + head + "F 2025-05-02T23:16:50Z,bob,login,200,1\n";
      log += head + "F \"";
      for (std::size_t i = 0; i < parts; ++i)
        log += "\n" + head + "F " + std::string(i % 90, 'y') + (i % 9 == 0 ? "\nbad" : "");
      job.format = {};
      job.format.format = format;
      job.format.unwrap = Wrapper::cri;
      if (format == std::string("csv"))
        job.format.columns = {"time", "user", "task", "status", "duration_ms"};
      job.mediation.max_record_bytes = kMinRecordLimitBytes;
      for (const char* const end : {"", "\n", "\"\n"}) {
        read_file(log + end);
        EXPECT_TRUE(agree({Variant{1}, {2, 5000}, {3, 100'000}}));
      }
    }
  }
}

}  // namespace
}  // namespace billing
