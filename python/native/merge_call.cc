#include "merge_call.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
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

  /// Of pairs (split, partial): of each split once, from 0 on.
  GivenPartials(nb::handle given, std::uint64_t splits) {
    std::vector<bool> seen(splits);
    for (const nb::handle pair : given) {
      if (!nb::isinstance<nb::tuple>(pair) || nb::len(pair) != 2)
        throw nb::type_error("partials: with splits, each is a tuple (split, bytes)");
      const auto split = nb::cast<std::int64_t>(pair[0]);
      if (split < 0 || static_cast<std::uint64_t>(split) >= splits) {
        throw Error(ErrorKind::run, "split " + std::to_string(split) + " is none of 0 to " +
                                        std::to_string(splits - 1));
      }
      if (seen[static_cast<std::size_t>(split)]) {
        throw Error(ErrorKind::run, "split " + std::to_string(split) +
                                        " came twice: its calls would be billed twice");
      }
      seen[static_cast<std::size_t>(split)] = true;
      add(pair[1]);
    }
    const auto missing = std::find(seen.begin(), seen.end(), false);
    if (missing == seen.end()) return;
    const auto count = std::count(seen.begin(), seen.end(), false);
    throw Error(ErrorKind::run,
                "split " + std::to_string(missing - seen.begin()) + " of " +
                    std::to_string(splits) + " is missing" +
                    (count > 1 ? " with " + std::to_string(count - 1) + " more" : "") +
                    ": its calls would not be billed");
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

Bill run_merge(const GivenPartials& given, nb::dict& keywords) {
  const bool reads_env = take_flag(keywords, "env");
  MergeFlags flags;
  CommandOptions options;
  add_merge_options(options, flags);
  set_keywords(options, merge_rules(reads_env), keywords);
  if (flags.partial) refuse_stream(*flags.partial, "partial");
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
  return run_to_bill(job, flags.csv_safe, notes,
                     [&job](const JobHooks& hooks) { return merge(job, hooks); });
}

nb::dict merge_keywords() {
  MergeFlags flags;
  CommandOptions options;
  add_merge_options(options, flags);
  return keywords_of(options, merge_rules(/*reads_env=*/true));
}

}  // namespace

Bill bill_of_partials(nb::handle partials, std::optional<std::uint64_t> splits, nb::dict keywords) {
  return run_merge(splits ? GivenPartials(partials, *splits) : GivenPartials(partials), keywords);
}

void bind_merge(nb::module_& module) {
  module.def("_merge_keywords", merge_keywords);
  module.def(
      "merge",
      [](nb::object partials, nb::kwargs keywords) {
        nb::dict options(keywords);
        return run_merge(GivenPartials(partials), options);
      },
      "partials"_a, "keywords"_a,
      nb::sig("def merge(partials, *, env: bool = False, **options) -> Bill"), kDoc);
}

}  // namespace billing::python
