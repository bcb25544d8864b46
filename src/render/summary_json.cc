// The summary for programs.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>

#include "base/escape_text.h"
#include "billing/bill.h"
#include "billing/error.h"
#include "billing/job_report.h"
#include "billing/reject.h"
#include "render/escape.h"
#include "render/summary.h"
#include "render/summary_parts.h"

namespace billing {
namespace {

/// A task: valid UTF-8 without control characters.
std::string json_name(std::string_view name) {
  std::string json;
  append_json_string(json, name);
  return json;
}

/// A path: any bytes, so escaped as in messages.
std::string json_path(std::string_view path) { return json_name(escaped_text(path)); }

/// `"quantity_ms":1234`, or as a string where it may have digits after the point.
std::string quantity_json(Int128 quantity, const QuantityRules& rules) {
  if (rules.is_duration_ms()) return fmt::format(R"("quantity_ms":{})", quantity);
  return fmt::format(R"("quantity":"{}")", shortest_amount(quantity, rules.digits));
}

std::string totals_json(const InputTotals& totals, const QuantityRules& quantity,
                        bool has_measures) {
  std::string rejected;
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    rejected += fmt::format("{}\"{}\":{}", i > 0 ? "," : "",
                            reject_reason_name(static_cast<RejectReason>(i)), totals.rejected[i]);
  }
  return fmt::format(
      R"("bytes":{},"records":{},"accepted":{}{},"rejected":{},"rejected_by_reason":{{{}}},)"
      R"("filtered":{},"duplicates":{},"blank":{},"directives":{},{}{})",
      totals.bytes, totals.records, totals.accepted,
      has_measures ? fmt::format(R"(,"events":{})", totals.events) : "", totals.rejected_total(),
      rejected, totals.filtered, totals.duplicates, totals.blank, totals.directives,
      totals.without_quantity > 0
          ? fmt::format(R"("without_quantity":{},)", totals.without_quantity)
          : "",
      quantity_json(totals.accepted_quantity, quantity));
}

/// `[a,b,c]` of what `element` makes of each.
template <class Range, class Element>
std::string json_array(const Range& range, const Element& element) {
  std::string json;
  for (const auto& value : range) json += (json.empty() ? "" : ",") + element(value);
  return "[" + json + "]";
}

/// The first hundred of `count` elements, as `"names":[...],"name_count":N`.
template <class Element>
std::string json_list(const char* name, const char* count_name, const std::vector<Element>& all,
                      std::uint64_t count,
                      const std::function<std::string(const Element&)>& element) {
  const std::span<const Element> first(all.data(), std::min(all.size(), kMaxReported));
  return fmt::format(R"(,"{}":{},"{}":{})", name, json_array(first, element), count_name, count);
}

std::string options_json(const std::vector<std::pair<std::string, std::string>>& options) {
  std::string json;
  for (const auto& [name, value] : options) {
    json += fmt::format("{}{}:{}", json.empty() ? "" : ",", json_path(name), json_path(value));
  }
  return ",\"options\":{" + json + "}";
}

std::string partial_json(const JobReport& report) {
  return fmt::format(R"(,"rows":{},"partial":{})", report.partial_rows,
                     json_path(report.output_name));
}

std::string bill_json(const BillJob& job, const JobReport& report) {
  const StatementTotals& statement = report.statement;
  return fmt::format(
      R"(,"lines":{},"billed":"{}","exact":"{}","rounding_difference":"{}","output":{})",
      statement.lines, amount_text(statement.billed, job.rounding.scale),
      shortest_amount(statement.exact, exact_decimals(report.quantity)),
      rounding_difference(report, job.rounding.scale), json_path(report.output_name));
}

std::string events_json(const InputTotals& totals) {
  if (totals.accepted == 0) return "";
  return fmt::format(R"(,"earliest":"{}","latest":"{}")", timestamp_text(totals.earliest_ns),
                     timestamp_text(totals.latest_ns));
}

std::string input_json(const InputReport& input, const QuantityRules& quantity, bool has_measures) {
  return fmt::format("{{\"name\":{},{}{}}}", json_path(input.name),
                     totals_json(input.totals, quantity, has_measures),
                     input.news.empty() ? "" : fmt::format(R"(,"state":"{}")", input.news));
}

std::string format_json(const FormatReport& row) {
  const RecordFormat& format = row.format;
  std::string json =
      fmt::format(R"({{"name":{},"inputs":{},"unit":{},"digits":{})", json_name(format.name),
                  row.inputs, json_name(format.quantity.unit), format.quantity.digits);
  if (format.wrapper != Wrapper::none)
    json += fmt::format(R"(,"unwrap":"{}")", name_of(format.wrapper));
  if (has_streams(format.wrapper)) json += fmt::format(R"(,"stream":"{}")", name_of(format.stream));
  if (!format.is_text()) {
    const FieldMapping& mapping = format.mapping;
    json += fmt::format(R"(,"time":{},"user":{},"task":{},"status":{},"quantity":{})",
                        json_path(mapping.time), json_path(mapping.user), json_path(mapping.task),
                        json_path(mapping.status),
                        format.measures.empty() ? json_path(mapping.quantity) : "null");
    if (!format.measures.empty()) {
      json += ",\"measures\":" + json_array(format.measures, [](const Measure& measure) {
                return fmt::format(R"({{"name":{},"quantity":{}}})", json_name(measure.name),
                                   json_path(measure.quantity));
              });
    }
  }
  return json + "}";
}

std::string search_json(const InputSearchReport& search) {
  return fmt::format(
      R"(,"found":{{"files":{},"folders":{},"excluded":{},"outside_dates":{},"undated":{},)"
      R"("repeated":{},"linked_folders":{},"special_files":{}}})",
      search.files, search.folders, search.excluded, search.outside_dates, search.undated,
      search.repeated, search.linked_folders, search.special_files);
}

std::string state_json(const StateReport& state) {
  return fmt::format(
      R"(,"state":{{"new":{},"grown":{},"known":{},"shared_records":{},"unfinished":{}}})",
      state.fresh, state.grown, state.known, state.shared_records, state.unfinished);
}

std::string rate_json(const Rate& rate) {
  return fmt::format(R"({{"task":{},"rate":"{}","source":{}}})", json_name(rate.task), rate.decimal,
                     json_path(tell(rate.source, "--")));
}

std::string filter_json(const FilterReport& filter) {
  return fmt::format(R"({{"where":{},"records":{}}})", json_path(filter.where), filter.records);
}

std::string measure_json(const MeasureReport& row) {
  return fmt::format(R"({{"name":{},"records":{}}})", json_name(row.measure.name), row.records);
}

std::string unrated_json(const UnratedTask& unrated) {
  return fmt::format(R"({{"task":{},"calls":{}}})", json_name(unrated.task), unrated.calls);
}

}  // namespace

std::string summary_json(const BillJob& job, const JobReport& report) {
  std::string json = "{" + totals_json(report.totals, report.quantity, has_measures(report));
  if (has_rounding(report)) {
    json += fmt::format(R"(,"rounded":{},"rounded_by":"{}")", report.totals.rounding.count,
                        rounding_sum(report.totals.rounding));
  }
  if (has_times(report)) json += events_json(report.totals);
  json += job.partial ? partial_json(report) : bill_json(job, report);
  json += options_json(effective_options(job, report));
  json += ",\"rejects_file\":" + (report.rejects_name ? json_path(*report.rejects_name) : "null");
  if (!report.formats.empty()) json += ",\"formats\":" + json_array(report.formats, format_json);
  json += ",\"filters\":" + json_array(report.filters, filter_json);
  if (!report.measures.empty()) {
    json += fmt::format(R"(,"measured_records":{},"measures":{})", report.measured_records,
                        json_array(report.measures, measure_json));
  }
  json += json_list<InputReport>("inputs", "input_count", report.inputs,
                                 report.inputs.size() + report.more_inputs,
                                 [&report](const InputReport& input) {
                                   return input_json(input, report.quantity, has_measures(report));
                                 });
  if (report.search) json += search_json(*report.search);
  if (report.state) json += state_json(*report.state);
  json += json_list<Rate>("rates", "rate_count", report.used_rates, report.used_rates.size(),
                          rate_json);
  json += json_list<Rate>("unused_rates", "unused_rate_count", report.unused_rates,
                          report.unused_rates.size(), rate_json);
  json += json_list<UnratedTask>("unrated", "unrated_count", report.unrated, report.unrated_count,
                                 unrated_json);
  json += fmt::format(R"(,"unrated_calls":{})", report.unrated_calls);
  json += ",\"passes\":" + json_array(report.passes, [](const PassTime& pass) {
            return fmt::format(R"({{"pass":"{}","seconds":{:.6f}}})", pass.name, pass.wall_s);
          });
  const double seconds = wall_s(report);
  json += fmt::format(R"(,"spilled_bytes":{})", report.spilled_bytes);
  json += fmt::format(R"(,"engine":"{}","threads":{},"seconds":{:.6f},"records_per_second":{:.0f},)"
                      R"("bytes_per_second":{:.0f}}})",
                      report.engine, report.threads, seconds,
                      static_cast<double>(report.totals.records) / seconds,
                      static_cast<double>(report.totals.bytes) / seconds);
  return json + "\n";
}

std::string partial_content_json(const PartialContent& content) {
  std::string json =
      fmt::format(R"({{"size_bytes":{},"kind":"{}","users":{},"rows":{},"kept_records":{},)",
                  content.size_bytes, content.kind == RowKind::events ? "events" : "sums",
                  content.users, content.rows, content.records);
  const bool has_measures = content.totals.events != content.totals.accepted;
  json += totals_json(content.totals, content.quantity, has_measures) + events_json(content.totals);
  json += fmt::format(R"(,"is_state":{},"last_lines":{},"last_lines_bytes":{})", content.is_state,
                      content.last_lines, content.last_lines_bytes);
  json += options_json(content.options);
  json += ",\"tasks\":" + json_array(content.tasks, [&](const PartialContent::Task& task) {
            return fmt::format(R"({{"task":{},"calls":{},{}}})", json_name(task.name), task.calls,
                               quantity_json(task.quantity, content.quantity));
          });
  json +=
      fmt::format(R"(,"task_count":{},"input_count":{})", content.task_count, content.input_count);
  return json + ",\"inputs\":" +
         json_array(content.inputs,
                    [&](const InputReport& input) {
                      return input_json(input, content.quantity, has_measures);
                    }) +
         "}\n";
}

}  // namespace billing
