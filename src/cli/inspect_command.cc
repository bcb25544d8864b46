#include <memory>
#include <string>

#include "billing/inspect.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/process.h"
#include "render/summary.h"

namespace billing::cli {
namespace {

struct InspectFlags {
  std::string partial;
  bool json = false;
};

int run_inspect(const InspectFlags& flags, Mistakes& mistakes) {
  if (flags.partial.empty()) mistakes.add("no partial; name one, e.g. monday.partial");
  mistakes.report();
  JobHooks hooks;
  hooks.cancelled = interrupted;
  const PartialContent content = inspect_partial(flags.partial, hooks);
  const std::string text =
      flags.json ? partial_content_json(content) : partial_content_text(content);
  print(text);
  return 0;
}

}  // namespace

Action set_up_inspect(CommandOptions& options) {
  auto flags = std::make_shared<InspectFlags>();
  options.operands = {.value = "FILE", .target = &flags->partial};
  options.add(
      {.names = "--json", .purpose = "One JSON object instead of lines", .target = &flags->json});
  options.notes = {
      "Reads the partial whole and checks it: what is damaged or cut off ends with exit code 1."};
  return [flags](Mistakes& mistakes) { return run_inspect(*flags, mistakes); };
}

}  // namespace billing::cli
