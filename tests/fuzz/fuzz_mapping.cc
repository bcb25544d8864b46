// Bytes as selectors of all parts of an event, as units, time zones and patterns of tasks.

#include "engine_pair.h"

namespace {

constexpr std::string_view kObjects =
    R"({"time":"2025-05-02T23:16:50Z","user":"ann","task":"/a/12/b","status":200,"ms":260.5})"
    "\n"
    R"({"time":1746227810.25,"user":["x"],"a":{"b":"u1, u2","c":[1,"two"]},"ms":"1.5ms","n":-7})"
    "\n";
constexpr std::string_view kTable =
    "time,user,task,ms,when,n\n"
    "2025-05-02 23:16:50,ann,GET /x?y,\"1,5\",26.10.2025 02:30:00,1e2\n"
    "1746227810,\"b, c\",,260 msecs,02/May/2025:23:16:50 +0200,-\n";
constexpr std::string_view kPairs =
    "time=2025-05-02T23:16:50+02 user=\"a \\\"b\" task=x ms=1h3m flag n=0x1\n";
constexpr std::string_view kCombined =
    R"(2001:db8::1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a/17?x=1 HTTP/1.1" 200 59 "-" "c")"
    "\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  billing::fuzz::Choices choices(data, size);
  billing::FormatSettings settings;
  const std::uint8_t kind = choices.byte();
  const std::uint8_t given = choices.byte();
  const auto set = [&](int bit, std::optional<std::string>& target, const char* usual) {
    if ((given >> bit & 1) != 0) {
      target = choices.text();
    } else {
      target = usual;
    }
  };
  set(0, settings.time, kind % 4 == 3 ? "time_local" : "time");
  set(1, settings.user, kind % 4 == 3 ? "remote_addr" : "user");
  set(2, settings.task, kind % 4 == 3 ? "$request_method $path" : "task");
  set(3, settings.status, "none");
  set(4, settings.quantity, "1");
  if ((given >> 5 & 1) != 0) settings.unit = choices.text();
  if ((given >> 6 & 1) != 0) settings.task_patterns.emplace_back(choices.text());
  if ((given >> 7 & 1) != 0) settings.input_timezone = choices.text();
  settings.quantity_digits = kind / 4 % 10;
  settings.negative = kind >= 128;
  constexpr std::string_view kLogs[] = {kObjects, kTable, kPairs, kCombined};
  constexpr const char* kNames[] = {"json", "csv", "logfmt", "combined"};
  settings.format = kNames[kind % 4];
  billing::fuzz::compare_engines(settings, kLogs[kind % 4], 1024);
  return 0;
}
