#include "bill.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <functional>
#include <string_view>
#include <utility>

#include "arrow_capsules.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "errors.h"
#include "io/output_file.h"
#include "keywords.h"
#include "merge_call.h"
#include "render/summary.h"
#include "totals.h"

namespace nb = nanobind;
using namespace nanobind::literals;

namespace billing::python {
namespace {

constexpr const char* kDoc =
    R"(A bill: a table in memory, one row a line, in the order of the program's output.

pyarrow.table(bill), polars.DataFrame(bill), pandas.DataFrame.from_arrow(bill) and DuckDB take it as it
is. Columns: user, cycle and task (strings), those of them that are grouped by; calls (int64);
duration_ms (int64) or quantity (int64 or decimal); cost (decimal128(38, scale)). No cell is null.

Bill(partials, splits=None, **options) bills partials as merge() does. With splits=n each partial
comes as (split, bytes), and an Error is raised unless the splits are 0 to n - 1, once each.

to_csv(path=None), to_text(path=None) and to_jsonl(path=None) give the bytes that the program writes,
or write them to a file, which appears whole or not at all; they raise Error, KeyboardInterrupt.
totals, report (dicts), rejects (a table), rejects_total, warnings (a list) and partial (a path) tell
of the run.)";

const BillTable& table_of(const Bill& bill) {
  if (bill.table) return *bill.table;
  throw Error(ErrorKind::run, "there is no bill: the usage went to the partial " +
                                  quoted_text(*bill.partial) + "; merge() bills it");
}

nb::object arrow_stream_of(const Bill& bill, nb::handle /*requested_schema*/) {
  table_of(bill).check_arrow();
  return stream_of(read_as_arrow(bill.table));
}

/// The bytes of the bill, or None where they go to a file.
nb::object rendered(const Bill& bill, nb::handle path, OutputFormat format, bool csv_safe) {
  const BillTable& table = table_of(bill);
  Interrupts interrupts;
  const auto checkpoint = [&interrupts] { interrupts.check(); };
  std::string bytes;
  const bool is_file = !path.is_none();
  const std::string target = is_file ? text_of(path, "path") : "";
  if (is_file) refuse_stream(target, "path");
  interrupts.run([&] {
    const auto file = is_file ? OutputFile::open(target, std::nullopt, checkpoint)
                              : std::unique_ptr<OutputFile>();
    table.render(format, csv_safe, [&](std::string_view piece) {
      checkpoint();
      if (file) {
        file->append(piece);
      } else {
        bytes += piece;
      }
    });
    if (file) file->commit();
  });
  return is_file ? nb::object(nb::none()) : nb::object(nb::bytes(bytes.data(), bytes.size()));
}

/// str of a path, as os.fsdecode() has it.
nb::object path_of(const std::string& path) {
  PyObject* const decoded =
      PyUnicode_DecodeFSDefaultAndSize(path.data(), static_cast<Py_ssize_t>(path.size()));
  if (decoded == nullptr) throw nb::python_error();
  return nb::steal(decoded);
}

nb::dict report_of(const Bill& bill) {
  return nb::cast<nb::dict>(nb::module_::import_("json").attr("loads")(str_of(bill.summary)));
}

nb::dict totals_of(const Bill& bill) {
  const nb::dict report = report_of(bill);
  const nb::object decimal = nb::module_::import_("decimal").attr("Decimal");
  nb::dict totals;
  for (const char* const name :
       {"records", "accepted", "rejected", "rejected_by_reason", "filtered", "duplicates", "blank",
        "directives", "bytes", "earliest", "latest"}) {
    totals[name] = report.contains(name) ? nb::object(report[name]) : nb::object(nb::none());
  }
  totals["calls"] = bill.report.totals.events;
  totals["quantity"] = report.contains("quantity_ms") ? nb::object(report["quantity_ms"])
                                                      : decimal(report["quantity"]);
  totals["unit"] = bill.report.quantity.unit;
  if (bill.partial) {
    totals["rows"] = report["rows"];
    return totals;
  }
  totals["lines"] = report["lines"];
  totals["billed"] = decimal(report["billed"]);
  totals["exact"] = decimal(report["exact"]);
  return totals;
}

nb::list warnings_of(const Bill& bill) {
  nb::list list;
  for (const std::string& warning : bill.warnings) list.append(str_of(warning));
  return list;
}

nb::object text_of_bill(const Bill& bill) {
  if (!bill.table) return str_of("<billing.Bill: usage in " + quoted_text(*bill.partial) + ">");
  const nb::dict report = report_of(bill);
  const std::string billed = nb::cast<std::string>(report["billed"]);
  const std::uint64_t lines = bill.table->size();
  return str_of("<billing.Bill: " + std::to_string(lines) + (lines == 1 ? " line, " : " lines, ") +
                billed + ">");
}

void warn_of(const std::string& warning) {
  const nb::object type = exception_class("Warning");
  const nb::object text = str_of(warning);
  const nb::object warn = nb::module_::import_("warnings").attr("warn");
  warn(text, type);  // of the line that called: functions of this module have no frame
}

void bind_rejects(nb::module_& module) {
  nb::class_<Rejects>(module, "Rejects")
      .def("__len__", [](const Rejects& rejects) { return rejects.table->size(); })
      .def_prop_ro("total", [](const Rejects& rejects) { return rejects.table->total(); })
      .def("__arrow_c_schema__", [](const Rejects&) { return schema_of(RejectTable::fields()); })
      .def(
          "__arrow_c_stream__",
          [](const Rejects& rejects, nb::handle) {
            return stream_of(RejectTable::read(rejects.table));
          },
          "requested_schema"_a = nb::none())
      .def("__repr__", [](const Rejects& rejects) {
        return "<billing.Rejects: " + std::to_string(rejects.table->total()) + " in all, " +
               std::to_string(rejects.table->size()) + " kept>";
      });
}

}  // namespace

RunNotes::RunNotes(std::uint64_t kept_rejects)
    : rejects(std::make_shared<RejectTable>(kept_rejects)) {
  hooks_.cancelled = [this] { return interrupts.poll(); };
  hooks_.warn = [this](const std::string& warning) { warnings.push_back(told(warning)); };
  hooks_.reject = [this](const std::string& input, const RejectedRecord& reject) {
    rejects->add(input, reject);
  };
}

JobReport run_without_gil(RunNotes& notes, const std::function<JobReport(const JobHooks&)>& run) {
  JobReport report;
  try {
    notes.interrupts.run([&] { report = run(notes.hooks()); });
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejects) throw;
    set_error(error, nb::cast(Rejects{notes.rejects}));
    throw nb::python_error();
  }
  return report;
}

Bill run_to_bill(BillJob& job, bool csv_safe, RunNotes& notes,
                 const std::function<JobReport(const JobHooks&)>& run) {
  const auto table = job.partial ? nullptr : std::make_shared<BillTable>();
  job.sink = table;
  JobReport report = run_without_gil(notes, run);
  Bill bill;
  bill.table = table;
  bill.rejects = notes.rejects;
  bill.summary = summary_json(job, report);
  bill.report = std::move(report);
  bill.partial = job.partial;
  bill.csv_safe = csv_safe;
  bill.warnings = std::move(notes.warnings);
  for (const std::string& warning : bill.warnings) warn_of(warning);
  return bill;
}

void bind_bill(nb::module_& module) {
  bind_rejects(module);
  nb::class_<Bill>(module, "Bill", kDoc)
      .def(
          "__init__",
          [](Bill* self, nb::object partials, std::optional<std::uint64_t> splits,
             nb::kwargs keywords) {
            new (self) Bill(bill_of_partials(partials, splits, nb::dict(keywords)));
          },
          "partials"_a, "splits"_a = nb::none(), "keywords"_a,
          nb::sig("def __init__(self, partials, splits: int | None = None, **options) -> None"))
      .def("__len__", [](const Bill& bill) { return table_of(bill).size(); })
      .def("__repr__", text_of_bill)
      .def("__arrow_c_schema__",
           [](const Bill& bill) { return schema_of(table_of(bill).fields()); })
      .def("__arrow_c_stream__", arrow_stream_of, "requested_schema"_a = nb::none())
      .def(
          "to_csv",
          [](const Bill& bill, nb::handle path, std::optional<bool> csv_safe) {
            return rendered(bill, path, OutputFormat::csv, csv_safe.value_or(bill.csv_safe));
          },
          "path"_a = nb::none(), nb::kw_only(), "csv_safe"_a = nb::none())
      .def(
          "to_text",
          [](const Bill& bill, nb::handle path) {
            return rendered(bill, path, OutputFormat::text, false);
          },
          "path"_a = nb::none())
      .def(
          "to_jsonl",
          [](const Bill& bill, nb::handle path) {
            return rendered(bill, path, OutputFormat::jsonl, false);
          },
          "path"_a = nb::none())
      .def_prop_ro("totals", totals_of)
      .def_prop_ro("report", report_of)
      .def_prop_ro("_read",
                   [](const Bill& bill) {
                     const QuantityRules& quantity = bill.report.quantity;
                     return dict_of(bill.report.totals, quantity.unit, quantity.digits);
                   })
      .def_prop_ro("rejects", [](const Bill& bill) { return Rejects{bill.rejects}; })
      .def_prop_ro("rejects_total", [](const Bill& bill) { return bill.rejects->total(); })
      .def_prop_ro("warnings", warnings_of)
      .def_prop_ro("partial", [](const Bill& bill) -> nb::object {
        return bill.partial ? path_of(*bill.partial) : nb::object(nb::none());
      });
}

}  // namespace billing::python
