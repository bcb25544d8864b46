#include "check_call.h"

#include <nanobind/stl/string.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bill.h"
#include "billing/check.h"
#include "billing/error.h"
#include "errors.h"
#include "keywords.h"
#include "options/check_job.h"
#include "options/check_proposals.h"
#include "render/check_report.h"
#include "render/excerpt.h"

namespace nb = nanobind;
using namespace nanobind::literals;

namespace billing::python {
namespace {

constexpr const char* kDoc =
    R"(Says which format inputs have, what becomes of their first records, and how to bill them.

paths: a log, a folder, or a list of them. Options are those of `billing check`, by their names with
underscores. Reads the beginning of each input and writes nothing. Raises ConfigurationError, Error (an
input cannot be read), TypeError, KeyboardInterrupt; records that cannot be billed, and inputs that no
format fits, are no errors: see Check.ok and Check.report.)";

struct Check {
  std::string text;
  std::string json;
  std::vector<Proposal> proposals;
  bool is_ok = false;
};

KeywordRules check_rules() {
  return {"check", {{"json", "is an option of the program, which prints; see Check.report"}}, {}};
}

Check run_check(nb::handle paths, const nb::dict& keywords) {
  CheckFlags flags;
  CommandOptions options;
  add_check_options(options, flags);
  flags.inputs = paths_of(paths, "paths");
  set_keywords(options, check_rules(), keywords);
  for (const std::string& path : flags.inputs) refuse_stream(path, "paths");
  if (flags.inputs.empty())
    throw Error(ErrorKind::configuration, "no input; name a log, several in a list, or a folder");
  Mistakes mistakes;
  CheckJob job = make_check_job(flags, mistakes);
  mistakes.report();
  RunNotes notes;
  Check check;
  run_without_gil(notes, [&](const JobHooks& hooks) {
    find_checked_files(job, hooks, [](const std::string&) {});
    const CheckReport report = check_inputs(job, hooks);
    check.proposals = propose(flags, report);
    check.text = tell(check_text(report, check.proposals, kExcerptColumns), "--");
    check.json = tell(check_json(report, check.proposals), "--");
    check.is_ok = !report.has_unknown() && !report.has_rejects();
    return JobReport();
  });
  return check;
}

nb::dict check_keywords() {
  CheckFlags flags;
  CommandOptions options;
  add_check_options(options, flags);
  return keywords_of(options, check_rules());
}

}  // namespace

void bind_check(nb::module_& module) {
  nb::class_<Check>(module, "Check",
                    "What inputs are: to_text() and report are what the program prints, command "
                    "is what to type next, ok says whether every record can be billed.")
      .def("to_text",
           [](const Check& check) { return nb::bytes(check.text.data(), check.text.size()); })
      .def_prop_ro("report",
                   [](const Check& check) {
                     return nb::module_::import_("json").attr("loads")(str_of(check.json));
                   })
      .def_prop_ro("command",
                   [](const Check& check) -> nb::object {
                     if (check.proposals.empty()) return nb::none();
                     return str_of(check.proposals.front().command);
                   })
      .def_prop_ro("ok", [](const Check& check) { return check.is_ok; })
      .def("__repr__", [](const Check& check) {
        return std::string("<billing.Check: ") + (check.is_ok ? "ok>" : "not all can be billed>");
      });
  module.def(
      "check",
      [](nb::object paths, nb::kwargs keywords) { return run_check(paths, nb::dict(keywords)); },
      "paths"_a, "keywords"_a, nb::sig("def check(paths, **options) -> Check"), kDoc);
  module.def("_check_keywords", check_keywords);
}

}  // namespace billing::python
