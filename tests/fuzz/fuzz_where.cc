// Bytes as an expression of --where, on records that have a bit of everything.

#include "engine_pair.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  billing::fuzz::Choices choices(data, size);
  billing::FormatSettings settings;
  settings.format = "json";
  settings.where = {std::string(choices.text())};
  const std::string_view more = choices.text();
  if (!more.empty()) settings.where.emplace_back(more);
  billing::fuzz::compare_engines(settings,
                                 R"({"time":"2025-05-02T23:16:50Z","user":"ann","task":"GET /a",)"
                                 R"("status":200,"duration_ms":260.5,"a":{"b":"1e2","c":[1,2]}})"
                                 "\n"
                                 R"({"time":0,"user":"\u00e4\"","status":null,"duration_ms":"1",)"
                                 R"("a":true,"x y":"-0.50","e":""})"
                                 "\n{\"user\":\"nobody\",\"a\":1}\n[]\n",
                                 64);
  return 0;
}
