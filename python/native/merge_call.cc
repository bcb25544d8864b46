#include "merge_call.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bill.h"
#include "billing/byte_source.h"
#include "billing/error.h"
#include "keywords.h"
#include "options/merge_job.h"

namespace nb = nanobind;
using namespace nanobind::literals;

namespace billing::python {
namespace {

constexpr const char* kDoc = R"(Makes one bill, or with partial=PATH one partial, of partials.

partials: bytes as PartialMaker.finish() returns them, paths of files, or a list of both. Options are
those of `billing merge`, by their names with underscores; cycles and filters are those that the
partials were made with. The bill is the one of a single run over all that they were made of.

Raises ConfigurationError, Error (a partial is damaged, two were made with different options or hold
the same bytes of an input), TypeError, KeyboardInterrupt.)";

KeywordRules merge_rules(bool reads_env) {
  KeywordRules rules{"merge", program_refusals(reads_env), {"env"}};
  rules.refused.push_back({"input", "name the partials as the first argument"});
  return rules;
}

/// Sorts what is given into paths and bytes, whose objects it keeps: a list may change meanwhile.
class GivenPartials {
 public:
  explicit GivenPartials(nb::handle given) {
    if (nb::isinstance<nb::list>(given) || nb::isinstance<nb::tuple>(given)) {
      for (const nb::handle one : given) add(one);
    } else {
      add(given);
    }
  }

  const std::vector<std::string>& paths() const { return paths_; }
  const std::vector<std::shared_ptr<const ByteSource>>& sources() const { return sources_; }

 private:
  void add(nb::handle one) {
    ++count_;
    if (!nb::isinstance<nb::bytes>(one)) {
      paths_.push_back(text_of(one, "partials"));
      refuse_stream(paths_.back(), "partials");
      return;
    }
    const auto bytes = nb::borrow<nb::bytes>(one);
    kept_.push_back(bytes);
    sources_.push_back(std::make_shared<BytesInMemory>(
        "partial " + std::to_string(count_), std::string_view(bytes.c_str(), bytes.size())));
  }

  std::size_t count_ = 0;
  std::vector<std::string> paths_;
  std::vector<nb::bytes> kept_;
  std::vector<std::shared_ptr<const ByteSource>> sources_;
};

nb::object run_merge(nb::handle partials, nb::dict keywords) {
  const bool reads_env = take_flag(keywords, "env");
  MergeFlags flags;
  CommandOptions options;
  add_merge_options(options, flags);
  set_keywords(options, merge_rules(reads_env), keywords);
  if (flags.partial) refuse_stream(*flags.partial, "partial");
  const GivenPartials given(partials);
  if (given.paths().empty() && given.sources().empty())
    throw Error(ErrorKind::configuration, "no partials; give their bytes or paths");
  flags.partials = given.paths();

  RunNotes notes;
  Mistakes mistakes;
  const Settings settings = reads_env ? read_settings(flags.env_file, mistakes) : Settings();
  MergeJob job = make_merge_job(flags, settings, mistakes);
  mistakes.report();
  for (const std::string& warning : settings.warnings) notes.hooks().warn(warning);
  job.sources = given.sources();
  job.csv_safe = false;
  const auto table = job.partial ? nullptr : std::make_shared<BillTable>();
  job.sink = table;
  JobReport report =
      run_without_gil(notes, [&job](const JobHooks& hooks) { return merge(job, hooks); });
  Bill bill = make_bill(job, table, std::move(report), notes);
  bill.csv_safe = flags.csv_safe;
  return nb::cast(std::move(bill));
}

nb::dict merge_keywords() {
  MergeFlags flags;
  CommandOptions options;
  add_merge_options(options, flags);
  return keywords_of(options, merge_rules(/*reads_env=*/true));
}

}  // namespace

void bind_merge(nb::module_& module) {
  module.def("_merge_keywords", merge_keywords);
  module.def(
      "merge",
      [](nb::object partials, nb::kwargs keywords) {
        return run_merge(partials, nb::dict(keywords));
      },
      "partials"_a, "keywords"_a,
      nb::sig("def merge(partials, *, env: bool = False, **options) -> Bill"), kDoc);
}

}  // namespace billing::python
