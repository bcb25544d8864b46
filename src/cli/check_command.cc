// `billing check`: what inputs are and what becomes of their first records, before they are billed.

#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "billing/check.h"
#include "billing/error.h"
#include "cli/command.h"
#include "cli/log.h"
#include "cli/print.h"
#include "cli/process.h"
#include "cli/terminal.h"
#include "options/check_job.h"
#include "options/check_proposals.h"
#include "render/check_report.h"

namespace billing::cli {
namespace {

/// What to do with an input that is no text is told for a bill.
CheckReport look_at(const CheckJob& job, const JobHooks& hooks) {
  try {
    return check_inputs(job, hooks);
  } catch (const Error& error) {
    constexpr std::string_view kOfABill = "| billing aggregate -";
    std::string message = error.message();
    const std::size_t at = message.find(kOfABill);
    if (at == std::string::npos) throw;
    throw Error(error.kind(), message.replace(at, kOfABill.size(), "| billing check -"));
  }
}

int run_check(const CheckFlags& flags, Mistakes& mistakes) {
  CheckJob job = make_check_job(flags, mistakes);
  mistakes.report();
  JobHooks hooks;
  hooks.cancelled = interrupted;
  find_checked_files(job, hooks, [](const std::string& note) { spdlog::info("{}", note); });
  const CheckReport report = look_at(job, hooks);
  const std::vector<Proposal> proposals = propose(flags, report);
  const std::string text =
      flags.json ? check_json(report, proposals) : check_text(report, proposals, record_columns());
  print(tell(text, kOptionSign));
  if (report.has_unknown()) return static_cast<int>(ErrorKind::configuration);
  return report.has_rejects() ? static_cast<int>(ErrorKind::rejects) : 0;
}

}  // namespace

Action set_up_check(CommandOptions& options) {
  auto flags = std::make_shared<CheckFlags>();
  add_check_options(options, *flags);
  options.notes = {
      "Reads the beginning of each input, writes nothing, and tells: the format and why, the first "
      "calls as they would be billed, bad records with their place, and the command of a bill.",
      "Exit codes: 0 every record is understood, 1 an input cannot be read, 2 no format fits, 3 "
      "some "
      "records would be rejected."};
  options.examples = {{"billing check access.log", "Which format it has, and what is in it"},
                      {"billing check usage.json --time ts --user account.id --quantity bytes:B",
                       "Whether these fields make calls"},
                      {"ssh host cat api.log.gz | billing check -", "Compressed, from a pipe"}};
  return [flags](Mistakes& mistakes) { return run_check(*flags, mistakes); };
}

}  // namespace billing::cli
