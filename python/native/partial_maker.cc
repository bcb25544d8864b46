#include "partial_maker.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bill.h"
#include "billing/byte_source.h"
#include "billing/cycle_policy.h"
#include "errors.h"
#include "event_table.h"
#include "keywords.h"
#include "maker.h"
#include "options/aggregate_job.h"
#include "partials/partial_file.h"
#include "render/escape.h"
#include "totals.h"

namespace nb = nanobind;
using namespace nanobind::literals;

namespace billing::python {
namespace {

constexpr const char* kDoc =
    R"(Turns files, pieces of files, lines and tables into a partial, to be merged and billed by merge(),
or into one for each range of users (finish_ranges()).

Options are those of `billing aggregate` that say what records are and what usage keeps: formats and
fields, filters, cycle, group_by, timezone, max_rejects, threads, memory_limit, temp_dir. Prices come
with merge(); but with unrated="reject" rates say which tasks are accepted, and records of others are
rejects. The unit of the first input is that of all. One call at a time; makers are independent. After
an exception begin again with another maker.

Raises ConfigurationError, TypeError.)";

constexpr const char* kElsewhere =
    "has no meaning here: add_file() and add_lines() say what is read";
constexpr const char* kNotYet = "a partial is not billed yet; say it to merge()";
constexpr const char* kNotKept = "a PartialMaker writes no files; see finish() and rejects";
constexpr const char* kNoKeys =
    "a PartialMaker finds no duplicates; aggregate(partial=...) makes partials that do";

KeywordRules maker_rules() {
  KeywordRules rules{"PartialMaker", program_refusals(/*reads_env=*/false), {"keep_rejects"}};
  const auto refuse = [&rules](std::initializer_list<std::string_view> keywords,
                               const char* advice) {
    for (const std::string_view keyword : keywords) rules.refused.push_back({keyword, advice});
  };
  refuse({"input", "files_from", "null_separated", "include", "exclude", "partitioned_by"},
         kElsewhere);
  refuse({"rounding", "scale"}, kNotYet);
  refuse({"partial", "state", "rejects", "duplicates", "csv_safe"}, kNotKept);
  refuse({"dedupe_by", "dedupe_keep", "dedupe_missing", "dedupe_window"}, kNoKeys);
  refuse({"naive", "parallel", "slice_bytes"}, "has no meaning here");
  return rules;
}

/// The job of a maker. Rates have a meaning here only as what records are accepted by.
AggregateJob maker_job_of(const nb::dict& keywords) {
  AggregateJob job = job_of(keywords, maker_rules());
  if (job.unrated == UnratedPolicy::reject) return job;
  for (const char* const keyword : {"unrated", "rate", "rates"}) {
    if (!keywords.contains(keyword) || nb::object(keywords[keyword]).is_none()) continue;
    throw Error(ErrorKind::configuration,
                std::string(keyword) + ": " + kNotYet +
                    ". Only unrated=\"reject\" goes here, with the rates of the tasks that are "
                    "accepted");
  }
  return job;
}

nb::bytes bytes_of(const std::string& text) { return nb::bytes(text.data(), text.size()); }

nb::dict totals_of(const Maker& maker) {
  return dict_of(maker.totals(), maker.quantity().unit, maker.quantity().digits);
}

/// The names of the tasks that a partial has rows of, or that stand beside it.
nb::list tasks_of(nb::bytes partial) {
  nb::list tasks;
  PartialSink sink;
  sink.task = [&tasks](std::string_view task) { tasks.append(str_of(task)); };
  read_partial(
      std::make_shared<BytesInMemory>("partial", std::string_view(partial.c_str(), partial.size())),
      make_cycle_policy, sink);
  return tasks;
}

/// A partial of one input as one for each range of users.
nb::list split_partial(nb::bytes partial, const std::vector<std::string>& begins) {
  std::vector<std::string> partials(begins.size() + 1);
  const auto source =
      std::make_shared<BytesInMemory>("partial", std::string_view(partial.c_str(), partial.size()));
  {
    const nb::gil_scoped_release release;
    MergedPartials(std::vector<std::shared_ptr<const ByteSource>>{source})
        .write(begins,
               [&partials](std::size_t range, std::string_view more) { partials[range] += more; });
  }
  nb::list list;
  for (const std::string& one : partials) list.append(bytes_of(one));
  return list;
}

/// A cell of the rejects file, as the program writes it.
std::string csv_cell(const std::string& text, bool csv_safe) {
  std::string cell;
  append_csv_cell(cell, text, csv_safe);
  return cell;
}

void add_lines(Maker& maker, nb::bytes lines, nb::handle name, std::optional<std::uint64_t> begin,
               bool is_last, std::optional<nb::bytes> sample) {
  LinesPlace place{text_of(name, "name"), std::nullopt, std::nullopt};
  if (begin) place.piece = InputPiece{*begin, is_last};
  if (sample) {
    const std::string_view bytes(sample->c_str(), sample->size());
    const bool is_whole = is_last && begin.value_or(0) == 0 && bytes.size() == lines.size();
    place.sample = InputSample{place.name, std::string(bytes.substr(0, kSampleBytes)), is_whole};
  }
  maker.add_lines({lines.c_str(), lines.size()}, place);
}

void add_events(Maker& maker, nb::handle table, nb::handle name, nb::handle time_unit) {
  std::optional<std::string> unit;
  if (!time_unit.is_none()) unit = text_of(time_unit, "time_unit");
  if (!is_table(table)) throw nb::type_error("table: has no __arrow_c_stream__");
  maker.add_events(table, text_of(name, "name"), unit);
}

nb::list finish_ranges(Maker& maker, const std::vector<std::string>& begins, bool judged) {
  for (std::size_t i = 0; i < begins.size(); ++i) {
    if (begins[i].empty() || (i > 0 && begins[i - 1] >= begins[i])) {
      throw Error(ErrorKind::configuration,
                  "begins: ranges of users begin at names in ascending order of their bytes");
    }
  }
  nb::list partials;
  for (const std::string& partial : maker.finish(begins, judged))
    partials.append(bytes_of(partial));
  return partials;
}

}  // namespace

void bind_partial_maker(nb::module_& module) {
  module.def("_partial_tasks", tasks_of, "partial"_a);
  module.def("_split_partial", split_partial, "partial"_a, "begins"_a);
  module.def("_csv_cell", csv_cell, "text"_a, "csv_safe"_a);
  nb::class_<Maker>(module, "PartialMaker", kDoc)
      .def("__init__",
           [](Maker* self, nb::kwargs keywords) {
             nb::dict options(keywords);
             const std::uint64_t kept_rejects = take_kept_rejects(options);
             const std::optional<QuantityRules> kept_quantity = take_kept_quantity(options);
             AggregateJob job = maker_job_of(options);
             job.format.kept_quantity = kept_quantity;
             job.format.are_some_of_job = kept_quantity.has_value();
             new (self) Maker(std::move(job), kept_rejects);
           })
      .def(
          "add_file",
          [](Maker& maker, nb::handle path, std::uint64_t begin, std::optional<std::uint64_t> end) {
            maker.add_file(text_of(path, "path"), begin, end);
          },
          "path"_a, "begin"_a = 0, "end"_a = nb::none())
      .def("add_lines", add_lines, "lines"_a, "name"_a, nb::kw_only(), "begin"_a = nb::none(),
           "is_last"_a = false, "sample"_a = nb::none())
      .def("add_events", add_events, "table"_a, "name"_a = "table", nb::kw_only(),
           "time_unit"_a = nb::none())
      .def_prop_ro("totals", totals_of)
      .def_prop_ro("lines", &Maker::lines)
      .def_prop_ro("memory_bytes", &Maker::memory_bytes)
      .def_prop_ro("rejects", [](const Maker& maker) { return Rejects{maker.rejects()}; })
      .def("finish",
           [](Maker& maker) { return bytes_of(maker.finish({}, /*judged=*/true).front()); })
      .def("finish_ranges", finish_ranges, "begins"_a, nb::kw_only(), "judge_rejects"_a = true);
}

}  // namespace billing::python
