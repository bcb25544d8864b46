#include "aggregate_call.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bill.h"
#include "bus_errors.h"
#include "event_table.h"
#include "keywords.h"
#include "options/aggregate_job.h"

namespace nb = nanobind;
using namespace nanobind::literals;

namespace billing::python {
namespace {

constexpr const char* kDoc = R"(Turns logs into a bill, or their usage into a partial.

paths: a log, a folder, or a list of them; standard input is not read. Or a table: anything with
__arrow_c_stream__, of columns time, user, task, duration_ms and status, or those that the options of
these names (quantity, status_from) name. Options are those of
`billing aggregate`, by their names with underscores (memory_limit="2GB"), and mean the same. Lists
repeat an option; rates and measure also take a mapping: rates={"login": "0.005"}. Amounts are str,
int or Decimal, never float. env=True reads `.env` and the environment; nothing else does. With
threads=1 it computes on the calling thread alone. The GIL is released while it works.

Raises ConfigurationError (options, rates), RejectsError (more bad records than allowed), Error
(an input cannot be read, an amount is too large), TypeError, KeyboardInterrupt.)";

/// `reads_env`: whether the caller has asked for `.env` and the environment.
KeywordRules aggregate_rules(bool reads_env) {
  return {"aggregate", program_refusals(reads_env), {"env", "time_unit", "keep_rejects"}};
}

KeywordRules table_rules(bool reads_env) {
  KeywordRules rules = aggregate_rules(reads_env);
  for (const Refusal& refusal : table_refusals()) rules.refused.push_back(refusal);
  return rules;
}

void refuse_streams(const AggregateFlags& flags) {
  for (const std::string& path : flags.inputs) refuse_stream(path, "paths");
  const auto refuse = [](const std::optional<std::string>& path, std::string_view keyword) {
    if (path) refuse_stream(*path, keyword);
  };
  refuse(flags.files_from, "files_from");
  refuse(flags.rejects, "rejects");
  refuse(flags.duplicates, "duplicates");
  refuse(flags.partial, "partial");
}

AggregateFlags flags_of(nb::handle paths, const nb::dict& keywords, bool reads_env) {
  AggregateFlags flags;
  CommandOptions options;
  add_aggregate_options(options, flags);
  if (is_table(paths)) {
    set_keywords(options, table_rules(reads_env), keywords);
    refuse_streams(flags);
    flags.inputs = {"."};  // an input of its own is never read
    return flags;
  }
  flags.inputs = paths_of(paths, "paths");
  set_keywords(options, aggregate_rules(reads_env), keywords);
  refuse_streams(flags);
  if (flags.inputs.empty() && !flags.state && !flags.files_from) {
    throw Error(ErrorKind::configuration,
                "no input; name a log, several in a list, a folder, or a list of them by "
                "\1files-from");
  }
  return flags;
}

/// The job reads the table in place of files.
void set_table(AggregateJob& job, nb::handle table, const std::optional<std::string>& time_unit) {
  EventTable events = open_table(table, "table", job.format, time_unit);
  job.source = events.source;
  job.mediation.decoder = events.decoder;
  job.usage.quantity = events.quantity;
  job.inputs.clear();
  job.format = FormatSettings();
}

nb::object run_aggregate(nb::handle paths, nb::dict keywords) {
  const bool reads_env = take_flag(keywords, "env");
  const std::optional<std::string> time_unit = take_text(keywords, "time_unit");
  const std::uint64_t kept_rejects = take_kept_rejects(keywords);
  const std::optional<QuantityRules> kept_quantity = take_kept_quantity(keywords);
  const AggregateFlags flags = flags_of(paths, keywords, reads_env);
  RunNotes notes(kept_rejects);
  Mistakes mistakes;
  const Settings settings = reads_env ? read_settings(flags.env_file, mistakes) : Settings();
  AggregateJob job = make_aggregate_job(flags, settings, mistakes);
  job.format.kept_quantity = kept_quantity;
  job.format.are_some_of_job = kept_quantity.has_value();
  const InputSearch search = make_input_search(flags, job, mistakes);
  if (time_unit && !is_table(paths)) mistakes.add("\1time-unit: is for tables");
  mistakes.report();
  for (const std::string& warning : settings.warnings) notes.hooks().warn(warning);

  job.csv_safe = flags.csv_safe && (job.rejects || job.duplicates);
  if (is_table(paths)) {
    set_table(job, paths, time_unit);
    return nb::cast(run_to_bill(job, flags.csv_safe, notes,
                                [&job](const JobHooks& hooks) { return aggregate(job, hooks); }));
  }
  job.maps_inputs = job.state.has_value();
  return nb::cast(run_to_bill(job, flags.csv_safe, notes, [&](const JobHooks& hooks) {
    std::optional<BusErrorGuard> guard;
    if (job.maps_inputs) guard.emplace();
    FoundInputs found = find_inputs(search, hooks);
    job.inputs = std::move(found.paths);
    JobReport done = aggregate(job, hooks);
    found.tell(done);
    return done;
  }));
}

nb::dict aggregate_keywords() {
  AggregateFlags flags;
  CommandOptions options;
  add_aggregate_options(options, flags);
  return keywords_of(options, aggregate_rules(/*reads_env=*/true));
}

}  // namespace

void bind_aggregate(nb::module_& module) {
  module.def(
      "aggregate",
      [](nb::object paths, nb::kwargs keywords) {
        return run_aggregate(paths, nb::dict(keywords));
      },
      "paths"_a = nb::none(), "keywords"_a,
      nb::sig("def aggregate(paths=None, *, env: bool = False, **options) -> Bill"), kDoc);
  module.def("_aggregate_keywords", aggregate_keywords);
}

}  // namespace billing::python
