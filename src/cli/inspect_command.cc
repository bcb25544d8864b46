#include <memory>
#include <optional>
#include <string>

#include "billing/inspect.h"
#include "cli/command.h"
#include "cli/process.h"
#include "io/output_file.h"
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
  const auto output = OutputFile::open("-", std::nullopt);
  output->append(text);
  output->commit();
  return 0;
}

}  // namespace

Action set_up_inspect(CLI::App& app) {
  auto flags = std::make_shared<InspectFlags>();
  app.add_option("partial", flags->partial, "The partial to look at")->type_name("FILE");
  app.add_flag("--json", flags->json, "One JSON object instead of lines");
  app.footer(
      "Reads the file whole and checks it: what is damaged or cut off ends with exit code 1.\n"
      "Its format: docs/partial-format.md");
  return [flags](Mistakes& mistakes) { return run_inspect(*flags, mistakes); };
}

}  // namespace billing::cli
