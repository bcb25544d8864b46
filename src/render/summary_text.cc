// The summary for people.

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/closest_word.h"
#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "billing/reject.h"
#include "render/reject_text.h"
#include "render/summary.h"
#include "render/summary_parts.h"

namespace billing {
namespace {

std::string reasons_in_brackets(const InputTotals& totals) {
  const std::string reasons = rejects_by_reason(totals);
  return reasons.empty() ? "" : "  (" + reasons + ")";
}

std::string options_text(const BillJob& job, const JobReport& report) {
  std::string text;
  for (const auto& [name, value] : effective_options(job, report)) {
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : "; ", escaped_text(name), escaped_text(value));
  }
  return text.empty() ? text : fmt::format("options   {}\n", text);
}

void append_rate(std::string& out, const Rate& rate, std::string_view meant) {
  out += fmt::format("{} {} ({}{})", escaped_text(rate.task), rate.decimal,
                     escaped_text(tell(rate.source, "--")), meant);
}

std::string rates_text(const std::vector<Rate>& rates) {
  if (rates.empty()) return "none";
  return listed(rates.size(), rates.size(),
                [&rates](std::string& out, std::size_t i) { append_rate(out, rates[i], ""); });
}

/// Rates that no event used, each with the unrated task that it may have been meant for.
std::string unused_text(const JobReport& report) {
  const std::vector<Rate>& rates = report.unused_rates;
  if (rates.empty()) return "";
  const std::vector<std::string_view> unrated = unrated_names(report);
  const std::string list = listed(rates.size(), rates.size(), [&](std::string& out, std::size_t i) {
    append_rate(out, rates[i], did_you_mean(rates[i].task, unrated));
  });
  return fmt::format("unused    {}\n", list);
}

std::string partial_text(const JobReport& report) {
  return fmt::format("kept      {} of usage in {}, not billed yet\n",
                     counted(report.partial_rows, "row"), escaped_text(report.output_name));
}

std::string bill_text(const BillJob& job, const JobReport& report) {
  const StatementTotals& statement = report.statement;
  std::string text =
      fmt::format("billed    {} on {} (exact {}, rounding {}) to {}\n",
                  grouped_number(amount_text(statement.billed, job.rounding.scale)),
                  counted(statement.lines, "line"),
                  grouped_number(shortest_amount(statement.exact, exact_decimals(report.quantity))),
                  grouped_number(rounding_difference(report, job.rounding.scale)),
                  escaped_text(report.output_name));
  text += fmt::format("rates     {}\n", rates_text(report.used_rates)) + unused_text(report);
  if (report.unrated_count > 0) {
    text += fmt::format("unrated   {}, {}: billed as 0\n", counted(report.unrated_count, "task"),
                        counted(report.unrated_calls, "call"));
  }
  return text;
}

std::string totals_text(const InputTotals& totals, const QuantityRules& quantity, bool has_measures,
                        const std::optional<std::string>& rejects_name = std::nullopt,
                        const std::vector<FilterReport>& filters = {},
                        const std::string& stand_in = "") {
  const std::string accepted =
      has_measures ? counted(totals.accepted, "record") + ", " + counted(totals.events, "event")
                   : counted(totals.accepted, "call");
  const std::string billed = quantity_text(totals.accepted_quantity, quantity);
  // Where calls are billed, both are the same number mostly.
  std::string text =
      fmt::format("accepted  {}\n", billed == accepted ? billed : accepted + ", " + billed);
  if (totals.without_quantity > 0) {
    const bool is_one = totals.without_quantity == 1;
    text += fmt::format("          {}{} {} no quantity and {} billed as {}\n",
                        grouped(totals.without_quantity),
                        totals.duplicates > 0 ? " of them and of the duplicates" : "",
                        is_one ? "has" : "have", is_one ? "is" : "are", stand_in);
  }
  text += fmt::format("rejected  {}{}{}\n", grouped(totals.rejected_total()),
                      reasons_in_brackets(totals),
                      !rejects_name          ? ""
                      : *rejects_name == "-" ? ", on standard output"
                                             : ", in " + escaped_text(*rejects_name));
  text += fmt::format("filtered  {}\n", grouped(totals.filtered));
  for (const FilterReport& filter : filters) {
    text +=
        fmt::format("          {} by {}\n", grouped(filter.records), escaped_text(filter.where));
  }
  if (totals.duplicates > 0) text += fmt::format("duplicates {}\n", grouped(totals.duplicates));
  text += fmt::format("blank     {}\n", grouped(totals.blank));
  if (totals.directives > 0) text += fmt::format("directives {}\n", grouped(totals.directives));
  return text;
}

/// What all records without a quantity are billed as, if it is the same.
std::string stand_in_text(const JobReport& report) {
  std::string text;
  for (const FormatReport& row : report.formats) {
    const bool has_one = row.format.mapping.quantity.find(',') != std::string::npos;
    const std::string own = has_one ? escaped_text(stand_in_text(row.format)) : "";
    if (own.empty() || own == text) continue;
    if (!text.empty()) return "the constants at the end of their quantities' lists";
    text = own;
  }
  return text;
}

std::string span_text(const InputTotals& totals) {
  if (totals.accepted == 0) return "";
  return fmt::format("events    {} to {}\n", timestamp_text(totals.earliest_ns),
                     timestamp_text(totals.latest_ns));
}

std::string origin(const JobReport& report) {
  if (report.state) return "in all runs";
  return report.inputs.size() + report.more_inputs == 1
             ? "from " + escaped_text(report.inputs.front().name)
             : "from " + counted(report.inputs.size() + report.more_inputs, "input");
}

std::string search_text(const InputSearchReport& search) {
  std::string text = "found     " + counted(search.files, "file");
  if (search.folders > 0) text += " in " + counted(search.folders, "folder");
  const auto add = [&text](std::uint64_t count, const std::string& what) {
    if (count > 0) text += "; " + what;
  };
  add(search.excluded, grouped(search.excluded) + " excluded");
  add(search.outside_dates, grouped(search.outside_dates) + " of other dates not opened");
  add(search.undated, grouped(search.undated) + " without a date");
  add(search.repeated, counted(search.repeated, "further name") + " of the same files");
  add(search.linked_folders, counted(search.linked_folders, "linked folder") + " not followed");
  add(search.special_files, counted(search.special_files, "special file") + " not read");
  return text + "\n";
}

std::string state_text(const StateReport& state) {
  const std::uint64_t inputs = state.fresh + state.grown + state.known;
  return fmt::format(
      "state     {}{}: {} new, {} grown, {} known{}{}\n",
      state.fresh + state.grown == 0 ? "nothing new; " : "", counted(inputs, "input"),
      grouped(state.fresh), grouped(state.grown), grouped(state.known),
      state.shared_records == 0
          ? ""
          : "; " + counted(state.shared_records, "shared record") + " counted once",
      state.unfinished == 0 ? "" : "; " + counted(state.unfinished, "unfinished last line"));
}

/// A line for each of the first ten, and for how many more there are.
template <class Item, class Describe>
std::string first_lines(const std::vector<Item>& items, std::uint64_t count, const char* label,
                        const Describe& describe) {
  const std::size_t shown = std::min(items.size(), kMaxListed);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i)
    text += fmt::format("{:<9} {}\n", label, describe(items[i]));
  if (count > shown) text += fmt::format("{:<9} and {} more\n", label, grouped(count - shown));
  return text;
}

/// How inputs of other formats than `text` were read, and what a rate is then per.
std::string formats_text(const JobReport& report) {
  const auto is_text = [](const FormatReport& row) { return row.format.is_text(); };
  const auto is_usual = [&is_text](const FormatReport& row) {
    return is_text(row) && row.format.wrapper == Wrapper::none;
  };
  if (std::all_of(report.formats.begin(), report.formats.end(), is_usual)) return "";
  return first_lines(report.formats, report.formats.size(), "format", [&](const auto& row) {
    std::string text = row.format.name + wrapper_text(row.format);
    if (report.formats.size() > 1) text += " (" + counted(row.inputs, "input") + ")";
    if (is_text(row)) return text;
    const FieldMapping& mapping = row.format.mapping;
    return text + fmt::format(": time {}; user {}; task {}; status {}; {} {}; a rate is per {}",
                              escaped_text(mapping.time), escaped_text(mapping.user),
                              escaped_text(mapping.task), escaped_text(mapping.status),
                              row.format.measures.empty() ? "quantity" : "measures",
                              escaped_text(quantities_text(row.format)),
                              unit_of_a_rate(row.format.quantity));
  });
}

}  // namespace

std::string summary_text(const BillJob& job, const JobReport& report) {
  const InputTotals& totals = report.totals;
  std::string text = fmt::format("read      {}, {} {}\n", counted(totals.records, "record"),
                                 counted(totals.bytes, "byte"), origin(report));
  if (report.search) text += search_text(*report.search);
  text += formats_text(report) + options_text(job, report);
  if (report.state) text += state_text(*report.state);
  text += totals_text(totals, report.quantity, has_measures(report), report.rejects_name,
                      report.filters, stand_in_text(report));
  for (const MeasureReport& row : report.measures) {
    if (row.records == report.measured_records) continue;
    text += fmt::format("measure   {}\n",
                        share_text(row.measure, row.records, report.measured_records));
  }
  if (has_times(report)) text += span_text(totals);
  if (has_rounding(report)) {
    text += fmt::format(
        "rounded   {}, by {} {} in all\n",
        totals.rounding.count == 1 ? "1 quantity" : grouped(totals.rounding.count) + " quantities",
        rounding_sum(totals.rounding), report.quantity.unit);
  }
  text += job.partial ? partial_text(report) : bill_text(job, report);
  const double seconds = wall_s(report);
  const double records_per_s = static_cast<double>(totals.records) / seconds;
  text += fmt::format(
      "balanced  read = accepted + rejected + filtered{} + blank{}; {} = sum of the {}\n",
      totals.duplicates > 0 ? " + duplicates" : "", totals.directives > 0 ? " + directives" : "",
      has_measures(report) ? "events" : "accepted", job.partial ? "rows" : "lines");
  if (report.spilled_bytes > 0) {
    text += fmt::format("spilled   {} to temporary files\n", counted(report.spilled_bytes, "byte"));
  }
  text +=
      fmt::format("took      {:.3f} s, {:.1f} million records/s, {:.2f} GB/s, {}\n", seconds,
                  records_per_s / 1e6, static_cast<double>(totals.bytes) / seconds / 1e9,
                  report.engine == "naive" ? "naive engine" : counted(report.threads, "thread"));
  return text;
}

std::string partial_content_text(const PartialContent& content) {
  std::string held = counted(content.rows, content.kind == RowKind::events ? "event" : "sum") +
                     (content.users == 0 ? "" : " of " + counted(content.users, "user"));
  if (content.records > 0) {
    held = counted(content.records, "record") + " with the keys of their duplicates" +
           (content.rows == 0 ? "" : ", " + held);
  }
  std::string text =
      fmt::format("holds     {}, {}; whole\n", held, counted(content.size_bytes, "byte"));
  if (content.is_state) text += "is        the state of incremental runs (--state)\n";
  if (content.last_lines > 0) {
    text += fmt::format(
        "          with {} without an end ({}) that such a run bills, but that {} not in these "
        "figures\n",
        counted(content.last_lines, "last line"), counted(content.last_lines_bytes, "byte"),
        content.last_lines == 1 ? "is" : "are");
  }
  for (const auto& [name, value] : content.options) {
    text +=
        fmt::format("{:<9} {}\n", escaped_text(name), value.empty() ? "-" : escaped_text(value));
  }
  text += first_lines(content.tasks, content.task_count, "task", [&](const auto& task) {
    return fmt::format("{}: {}, {}", escaped_text(task.name), counted(task.calls, "call"),
                       quantity_text(task.quantity, content.quantity));
  });
  const InputTotals& totals = content.totals;
  text += totals_text(totals, content.quantity, totals.events != totals.accepted);
  text += span_text(totals);
  return text + first_lines(content.inputs, content.input_count, "input", [](const auto& input) {
           return fmt::format("{}: {}, {}", escaped_text(input.name),
                              counted(input.totals.records, "record"),
                              counted(input.totals.bytes, "byte"));
         });
}

}  // namespace billing
