#include "cli/reported_run.h"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <optional>
#include <string>

#include "base/escape_text.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "options/choices.h"
#include "render/reject_text.h"
#include "render/summary.h"

namespace billing::cli {

Settings read_bill_settings(const BillFlags& flags, Mistakes& mistakes) {
  Settings settings = read_settings(flags.env_file, mistakes);
  if (settings.log_level && !set_log_level(*settings.log_level)) {
    mistakes.add(settings.log_level_source + ": " +
                 describe_unknown("LOG_LEVEL", *settings.log_level, kLogLevels));
  }
  for (const std::string& warning : settings.warnings)
    spdlog::warn("{}", tell(warning, kOptionSign));
  return settings;
}

void run_and_report(const BillFlags& flags, const BillJob& job,
                    const std::function<JobReport(const JobHooks&)>& run) {
  const bool tells = !flags.quiet && tells_news();
  JobReport report;
  {
    ProgressLine progress(tells);
    JobHooks hooks;
    hooks.cancelled = interrupted;
    hooks.record_columns = record_columns();
    hooks.progress = [&progress](const Progress& at) { progress.show(at); };
    hooks.warn = [&progress](const std::string& warning) {
      progress.wipe();
      spdlog::warn("{}", tell(warning, kOptionSign));
    };
    report = run(hooks);
  }
  for (const PassTime& pass : report.passes) {
    spdlog::debug("{}: {:.3f} s", pass.name, pass.wall_s);
  }
  if (flags.summary == "json") {
    std::fputs(summary_json(job, report).c_str(), stderr);  // if nobody reads it, so be it
  } else if (tells) {
    std::fputs(summary_text(job, report).c_str(), stderr);
  } else if (report.read_totals.rejected_total() > 0) {
    // Without a summary this is all that is said of them.
    const std::optional<std::string>& file = report.rejects_name;
    spdlog::warn("{}{}", describe_rejects(report.read_totals),
                 !file          ? ""
                 : *file == "-" ? ", on standard output"
                                : ", in " + quoted_text(*file));
  }
}

}  // namespace billing::cli
