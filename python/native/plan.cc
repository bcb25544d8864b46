#include "plan.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/escape_text.h"
#include "bill.h"
#include "billing/choose_format.h"
#include "billing/input_paths.h"
#include "errors.h"
#include "interrupts.h"
#include "io/input.h"
#include "io/input_sample.h"
#include "job/input_formats.h"
#include "job/reject_ledger.h"
#include "keywords.h"
#include "options/aggregate_job.h"
#include "options/numbers.h"

namespace nb = nanobind;
using namespace nanobind::literals;

namespace billing::python {
namespace {

constexpr const char* kDoc =
    R"(Plans the inputs of tasks that run elsewhere: for the driver of a cluster.

_Plan(paths, remote=[(name, size, first bytes, is all)], env=False, **options of aggregate) finds the
inputs and decides how each is read, all of them together as aggregate() does. Sizes are of text, and
None where it is compressed. inputs: a list of (name, size or None, may be cut into byte ranges, what it
is, its name in a file of rejects). Raises what aggregate() raises.)";

/// An input that others read: an object of a store.
struct RemoteInput {
  std::string name;
  std::optional<std::uint64_t> size_bytes;  ///< of its text; none where it is compressed
  std::string first_bytes;                  ///< of its text
  bool is_whole = false;                    ///< nothing follows them
};

struct PlannedInput {
  std::string name;
  std::optional<std::uint64_t> size_bytes;  ///< none where it is compressed or no file
  bool may_be_cut = false;
  std::string description;
};

struct Plan {
  std::vector<PlannedInput> inputs;
  AggregateJob job;
  QuantityRules quantity;
  std::vector<std::string> warnings;
};

AggregateFlags flags_of(nb::handle paths, const nb::dict& keywords, bool reads_env) {
  AggregateFlags flags;
  CommandOptions options;
  add_aggregate_options(options, flags);
  KeywordRules rules{"_Plan", program_refusals(reads_env), {}};
  const auto refuse = [&rules](const char* keyword, const char* advice) {
    rules.refused.push_back({keyword, advice});
  };
  constexpr const char* kOneProcess = "needs one process that sees all records";
  for (const char* const keyword :
       {"state", "dedupe_by", "dedupe_keep", "dedupe_missing", "dedupe_window", "duplicates"})
    refuse(keyword, kOneProcess);
  for (const char* const keyword : {"naive", "parallel", "threads", "memory_limit", "temp_dir",
                                    "slice_bytes", "chunk_bytes", "partial"})
    refuse(keyword, "has no meaning where others do the work");
  set_keywords(options, rules, keywords);
  flags.inputs = paths_of(paths, "paths");
  for (const std::string& path : flags.inputs) refuse_stream(path, "paths");
  return flags;
}

std::vector<RemoteInput> remote_inputs(nb::handle given) {
  std::vector<RemoteInput> inputs;
  for (const nb::handle one : given) {
    const auto bytes = nb::cast<nb::bytes>(one[2]);
    inputs.push_back({text_of(one[0], "remote"),
                      nb::cast<std::optional<std::uint64_t>>(nb::object(one[1])),
                      std::string(bytes.c_str(), bytes.size()), nb::cast<bool>(one[3])});
  }
  return inputs;
}

/// What it is, and, where it cannot be cut, what is in the way.
std::string describe(const RecordFormat& format, bool is_compressed) {
  std::string text = format.name;
  if (format.wrapper != Wrapper::none)
    text += " in lines of " + std::string(name_of(format.wrapper));
  if (is_compressed) text += ", compressed";
  return text;
}

/// As far as sizes are known; the others are held to the limit when they are read.
void refuse_too_large(std::vector<Input>& local, const std::vector<RemoteInput>& remote,
                      std::uint64_t max_bytes) {
  for (Input& input : local) input.set_max_text_bytes(max_bytes);
  for (const RemoteInput& input : remote) {
    if (input.size_bytes.value_or(0) > max_bytes) fail_as_too_large(input.name, max_bytes);
  }
}

void choose(Plan& plan, const std::vector<std::string>& paths,
            const std::vector<RemoteInput>& remote, const std::function<void()>& checkpoint) {
  std::vector<Input> local = open_inputs(paths);
  if (plan.job.max_input_bytes) refuse_too_large(local, remote, *plan.job.max_input_bytes);
  const auto sample = [&](std::size_t i) {
    if (i >= local.size()) {
      const RemoteInput& input = remote[i - local.size()];
      return InputSample{input.name, input.first_bytes.substr(0, kSampleBytes),
                         input.is_whole && input.first_bytes.size() <= kSampleBytes};
    }
    SampleText text = sample_of(local[i], kSampleBytes, checkpoint);
    return InputSample{local[i].name(), std::move(text.bytes), text.is_whole};
  };
  const std::size_t count = local.size() + remote.size();
  if (count == 0) return;
  const ChosenFormats chosen = choose_formats(plan.job.format, count, sample);
  plan.quantity = chosen.formats.front().quantity;
  for (std::size_t i = 0; i < count; ++i) {
    const RecordFormat& format = chosen[i];
    PlannedInput input;
    const bool is_local = i < local.size();
    input.name = is_local ? local[i].name() : remote[i - local.size()].name;
    input.size_bytes = is_local ? local[i].counted_bytes() : remote[i - local.size()].size_bytes;
    input.may_be_cut = input.size_bytes && format.wrapper == Wrapper::none &&
                       make_input_format(format)->may_be_cut_at_lines();
    input.description = describe(format, /*is_compressed=*/!input.size_bytes);
    plan.inputs.push_back(std::move(input));
  }
}

Plan make_plan(nb::handle paths, nb::handle given_remote, nb::dict keywords) {
  const bool reads_env = take_flag(keywords, "env");
  const AggregateFlags flags = flags_of(paths, keywords, reads_env);
  const std::vector<RemoteInput> remote = remote_inputs(given_remote);
  Mistakes mistakes;
  const Settings settings = reads_env ? read_settings(flags.env_file, mistakes) : Settings();
  Plan plan;
  AggregateFlags checked = flags;
  if (checked.inputs.empty()) checked.inputs = {"."};  // remote ones alone
  plan.job = make_aggregate_job(checked, settings, mistakes);
  const InputSearch search = make_input_search(checked, plan.job, mistakes);
  mistakes.report();
  plan.warnings = settings.warnings;
  RunNotes notes;
  notes.interrupts.run([&] {
    std::vector<std::string> found;
    if (!flags.inputs.empty() || flags.files_from) found = find_inputs(search, notes.hooks()).paths;
    choose(plan, found, remote, [&notes] { notes.interrupts.check(); });
  });
  for (std::string& warning : notes.warnings) plan.warnings.push_back(std::move(warning));
  return plan;
}

nb::list inputs_of(const Plan& plan) {
  nb::list list;
  for (const PlannedInput& input : plan.inputs) {
    const nb::object size = input.size_bytes ? nb::cast(*input.size_bytes) : nb::none();
    std::string shown;
    append_escaped_for_file(shown, input.name);
    list.append(nb::make_tuple(str_of(input.name), size, input.may_be_cut,
                               str_of(input.description), str_of(shown)));
  }
  return list;
}

/// Of each task as it was written, `*` for all others.
nb::dict rates_of(const Plan& plan) {
  nb::dict rates;
  for (const Rate& rate : plan.job.prices.rates()) rates[str_of(rate.task)] = str_of(rate.decimal);
  if (const auto& others = plan.job.prices.rate_of_all_others())
    rates["*"] = str_of(others->decimal);
  return rates;
}

/// The program's judgement of a whole job's rejects, whose totals are those of a PartialMaker.
const char* judge(const Plan& plan, const nb::dict& given, bool has_file) {
  const auto count = [&given](const char* name) { return nb::cast<std::uint64_t>(given[name]); };
  InputTotals totals;
  totals.records = count("records");
  totals.accepted = count("accepted");
  totals.filtered = count("filtered");
  totals.blank = count("blank");
  totals.directives = count("directives");
  totals.broken = count("broken");
  totals.more_reject_lines = count("more_reject_lines");
  totals.rejected[static_cast<std::size_t>(RejectReason::bad_record)] = count("rejected");
  switch (RejectLedger::judge(plan.job.reject_limit, totals, has_file)) {
    case RejectLedger::Verdict::good:
      return "good";
    case RejectLedger::Verdict::too_many:
      return "too_many";
    case RejectLedger::Verdict::nothing_accepted:
      return "nothing_accepted";
    case RejectLedger::Verdict::broken:
      return "broken";
  }
  __builtin_unreachable();
}

/// A size such as 64MiB, as the program reads them, for options that only a host of ours has.
std::uint64_t size_of(const std::string& option, const std::string& text) {
  return parse_bytes(option, text, 1);
}

nb::list warnings_of(const Plan& plan) {
  nb::list list;
  for (const std::string& warning : plan.warnings) list.append(str_of(told(warning)));
  return list;
}

}  // namespace

void bind_plan(nb::module_& module) {
  module.def("_parse_bytes", size_of, "option"_a, "text"_a);
  nb::class_<Plan>(module, "_Plan", kDoc)
      .def(
          "__init__",
          [](Plan* self, nb::object paths, nb::object remote, nb::kwargs keywords) {
            new (self) Plan(make_plan(paths, remote, nb::dict(keywords)));
          },
          "paths"_a, "remote"_a = nb::make_tuple(), "keywords"_a)
      .def_prop_ro("inputs", inputs_of)
      .def_prop_ro("rates", rates_of)
      .def_prop_ro("warnings", warnings_of)
      .def("judge", judge, "totals"_a, "has_file"_a)
      .def_prop_ro("unit", [](const Plan& plan) { return plan.quantity.unit; })
      .def_prop_ro("digits", [](const Plan& plan) { return plan.quantity.digits; })
      .def_prop_ro("has_user", [](const Plan& plan) { return plan.job.usage.group_by.user; })
      .def_prop_ro("rejects_unrated",
                   [](const Plan& plan) { return plan.job.unrated == UnratedPolicy::reject; })
      .def_prop_ro("leaves_unrated_open",
                   [](const Plan& plan) { return plan.job.unrated == UnratedPolicy::unset; });
}

}  // namespace billing::python
