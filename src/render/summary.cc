#include "render/summary.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "base/civil_time.h"
#include "base/escape_text.h"
#include "billing/reject.h"
#include "render/escape.h"

namespace billing {
namespace {

/// 1234567 as `1,234,567`.
template <class Number>
std::string grouped(Number number) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string amount(Uint128 units, int scale) {
  std::string text;
  append_amount(text, units, scale);
  return text;
}

/// An exact amount without needless zeros at its end.
std::string exact_amount(Uint128 exact) {
  std::string text = amount(exact, kMoneyDecimals);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

/// What rounding added up to: the rounded lines less the exact total, with its sign.
std::string rounding_difference(const JobReport& report, int scale) {
  Uint128 unit = 1;
  for (int i = scale; i < kMoneyDecimals; ++i) unit *= 10;
  const Uint128 billed = report.statement.billed * unit;
  const Uint128 exact = report.statement.exact;
  return billed < exact ? "-" + exact_amount(exact - billed)
                        : (billed > exact ? "+" : "") + exact_amount(billed - exact);
}

std::string timestamp(std::int64_t time_ns) {
  std::string text;
  append_timestamp(time_ns, text);
  return text;
}

double wall_s(const JobReport& report) {
  double sum_s = 0;
  for (const PassTime& pass : report.passes) sum_s += pass.wall_s;
  return sum_s;
}

std::string rejects_by_reason(const InputTotals& totals) {
  std::string text;
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    if (totals.rejected[i] == 0) continue;
    text +=
        fmt::format("{}{} {}", text.empty() ? "  (" : ", ",
                    reject_reason_name(static_cast<RejectReason>(i)), grouped(totals.rejected[i]));
  }
  return text.empty() ? text : text + ")";
}

std::string escaped(std::string_view bytes) {
  std::string text;
  append_escaped(text, bytes);
  return text;
}

std::string rates_text(const std::vector<Rate>& rates) {
  std::string text;
  for (const Rate& rate : rates) {
    text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", rate.task, rate.decimal,
                        escaped(rate.source));
  }
  return text.empty() ? "none" : text;
}

std::string unrated_text(const JobReport& report) {
  std::string text;
  for (const UnratedTask& task : report.unrated) {
    text += fmt::format("{}{} ({} {})", text.empty() ? "" : ", ", task.task, grouped(task.calls),
                        task.calls == 1 ? "call" : "calls");
  }
  if (report.unrated_count > report.unrated.size())
    text += fmt::format(" and {} more", grouped(report.unrated_count - report.unrated.size()));
  return text;
}

/// A task: valid UTF-8 without control characters.
std::string json_name(std::string_view name) {
  std::string json;
  append_json_string(json, name);
  return json;
}

/// A path: any bytes, so escaped as in messages.
std::string json_path(std::string_view path) { return json_name(escaped(path)); }

std::string totals_json(const InputTotals& totals) {
  std::string rejected;
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    rejected += fmt::format("{}\"{}\":{}", i > 0 ? "," : "",
                            reject_reason_name(static_cast<RejectReason>(i)), totals.rejected[i]);
  }
  return fmt::format(
      R"("bytes":{},"records":{},"accepted":{},"rejected":{},"rejected_by_reason":{{{}}},)"
      R"("filtered":{},"blank":{},"quantity_ms":{})",
      totals.bytes, totals.records, totals.accepted, totals.rejected_total(), rejected,
      totals.filtered, totals.blank, totals.accepted_quantity);
}

/// `[a,b,c]` of what `element` makes of each.
template <class Range, class Element>
std::string json_array(const Range& range, const Element& element) {
  std::string json;
  for (const auto& value : range) json += (json.empty() ? "" : ",") + element(value);
  return "[" + json + "]";
}

std::string partial_text(const JobReport& report) {
  return fmt::format("kept      {} rows of usage in {}, not billed yet\n",
                     grouped(report.partial_rows), escaped(report.output_name));
}

std::string bill_text(const BillJob& job, const JobReport& report) {
  const StatementTotals& statement = report.statement;
  std::string text =
      fmt::format("billed    {} on {} lines (exact {}, rounding {}) to {}\n",
                  amount(statement.billed, job.rounding.scale), grouped(statement.lines),
                  exact_amount(statement.exact), rounding_difference(report, job.rounding.scale),
                  escaped(report.output_name));
  text += fmt::format("rates     {}\n", rates_text(report.used_rates));
  if (!report.unrated.empty()) {
    text += fmt::format("unrated   {}: billed as 0\n", unrated_text(report));
  }
  return text;
}

std::string partial_json(const JobReport& report) {
  return fmt::format(R"(,"rows":{},"partial":{})", report.partial_rows,
                     json_path(report.output_name));
}

std::string bill_json(const BillJob& job, const JobReport& report) {
  const StatementTotals& statement = report.statement;
  return fmt::format(
      R"(,"lines":{},"billed":"{}","exact":"{}","rounding_difference":"{}","output":{})",
      statement.lines, amount(statement.billed, job.rounding.scale), exact_amount(statement.exact),
      rounding_difference(report, job.rounding.scale), json_path(report.output_name));
}

std::string totals_text(const InputTotals& totals) {
  std::string text = fmt::format("accepted  {} calls, {} ms\n", grouped(totals.accepted),
                                 grouped(totals.accepted_quantity));
  text +=
      fmt::format("rejected  {}{}\n", grouped(totals.rejected_total()), rejects_by_reason(totals));
  text += fmt::format("filtered  {}\n", grouped(totals.filtered));
  text += fmt::format("blank     {}\n", grouped(totals.blank));
  if (totals.accepted > 0) {
    text += fmt::format("events    {} to {}\n", timestamp(totals.earliest_ns),
                        timestamp(totals.latest_ns));
  }
  return text;
}

std::string origin(const JobReport& report) {
  if (report.state) return "in all runs";
  return report.inputs.size() == 1 ? "from " + escaped(report.inputs.front().name)
                                   : "from " + grouped(report.inputs.size()) + " inputs";
}

std::string events_json(const InputTotals& totals) {
  if (totals.accepted == 0) return "";
  return fmt::format(R"(,"earliest":"{}","latest":"{}")", timestamp(totals.earliest_ns),
                     timestamp(totals.latest_ns));
}

std::string inputs_json(const std::vector<InputReport>& inputs) {
  return ",\"inputs\":" + json_array(inputs, [](const InputReport& input) {
           return fmt::format(
               "{{\"name\":{},{}{}}}", json_path(input.name), totals_json(input.totals),
               input.news.empty() ? "" : fmt::format(R"(,"state":"{}")", input.news));
         });
}

std::string state_text(const StateReport& state) {
  const std::uint64_t inputs = state.fresh + state.grown + state.known;
  return fmt::format("state     {}{} {}: {} new, {} grown, {} known{}\n",
                     state.fresh + state.grown == 0 ? "nothing new; " : "", grouped(inputs),
                     inputs == 1 ? "input" : "inputs", grouped(state.fresh), grouped(state.grown),
                     grouped(state.known),
                     state.unfinished == 0
                         ? ""
                         : fmt::format("; {} unfinished last {}", grouped(state.unfinished),
                                       state.unfinished == 1 ? "line" : "lines"));
}

/// A line for each of the first ten, and for how many more there are.
template <class Item, class Describe>
std::string first_lines(const std::vector<Item>& items, std::uint64_t count, const char* label,
                        const Describe& describe) {
  constexpr std::size_t kShown = 10;
  const std::size_t shown = std::min(items.size(), kShown);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i)
    text += fmt::format("{:<9} {}\n", label, describe(items[i]));
  if (count > shown) text += fmt::format("{:<9} and {} more\n", label, grouped(count - shown));
  return text;
}

}  // namespace

std::string summary_text(const BillJob& job, const JobReport& report) {
  const InputTotals& totals = report.totals;
  std::string text = fmt::format("read      {} records, {} bytes {}\n", grouped(totals.records),
                                 grouped(totals.bytes), origin(report));
  if (report.state) text += state_text(*report.state);
  text += totals_text(totals);
  text += job.partial ? partial_text(report) : bill_text(job, report);
  const double seconds = wall_s(report);
  const double records_per_s = static_cast<double>(totals.records) / seconds;
  text += fmt::format(
      "balanced  read = accepted + rejected + filtered + blank; accepted = sum of the {}\n",
      job.partial ? "rows" : "lines");
  if (report.spilled_bytes > 0) {
    text += fmt::format("spilled   {} bytes to temporary files\n", grouped(report.spilled_bytes));
  }
  text += fmt::format("took      {:.3f} s, {:.1f} million records/s, {:.2f} GB/s, {}\n", seconds,
                      records_per_s / 1e6, static_cast<double>(totals.bytes) / seconds / 1e9,
                      report.engine == "naive" ? "naive engine"
                      : report.threads == 1    ? "1 thread"
                                               : fmt::format("{} threads", report.threads));
  return text;
}

std::string summary_json(const BillJob& job, const JobReport& report) {
  std::string json = "{" + totals_json(report.totals);
  json += events_json(report.totals);
  json += job.partial ? partial_json(report) : bill_json(job, report);
  json += inputs_json(report.inputs);
  json += ",\"rates\":" + json_array(report.used_rates, [](const Rate& rate) {
            return fmt::format(R"({{"task":{},"rate":"{}","source":{}}})", json_name(rate.task),
                               rate.decimal, json_path(rate.source));
          });
  json +=
      ",\"unrated\":" + json_array(report.unrated, [](const UnratedTask& unrated) {
        return fmt::format(R"({{"task":{},"calls":{}}})", json_name(unrated.task), unrated.calls);
      });
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

std::string partial_content_text(const PartialContent& content) {
  std::string text =
      fmt::format("holds     {} {}{}, {} bytes; whole\n", grouped(content.rows),
                  content.events ? "events" : "sums",
                  content.users == 0 ? "" : " of " + grouped(content.users) + " users",
                  grouped(content.size_bytes));
  if (content.is_state) text += "is        the state of incremental runs (--state)\n";
  if (content.last_lines > 0) {
    text += fmt::format(
        "          with {} last {} without an end ({} bytes) that such a run bills, "
        "but that {} not in these figures\n",
        grouped(content.last_lines), content.last_lines == 1 ? "line" : "lines",
        grouped(content.last_lines_bytes), content.last_lines == 1 ? "is" : "are");
  }
  for (const auto& [name, value] : content.options) {
    text += fmt::format("{:<9} {}\n", escaped(name), value.empty() ? "-" : escaped(value));
  }
  text += first_lines(content.tasks, content.task_count, "task", [](const auto& task) {
    return fmt::format("{}: {} calls, {} ms", escaped(task.name), grouped(task.calls),
                       grouped(task.quantity));
  });
  text += totals_text(content.totals);
  return text + first_lines(content.inputs, content.input_count, "input", [](const auto& input) {
           return fmt::format("{}: {} records, {} bytes", escaped(input.name),
                              grouped(input.totals.records), grouped(input.totals.bytes));
         });
}

std::string partial_content_json(const PartialContent& content) {
  std::string json =
      fmt::format(R"({{"size_bytes":{},"kind":"{}","users":{},"rows":{},)", content.size_bytes,
                  content.events ? "events" : "sums", content.users, content.rows);
  json += totals_json(content.totals) + events_json(content.totals);
  json += fmt::format(R"(,"is_state":{},"last_lines":{},"last_lines_bytes":{})", content.is_state,
                      content.last_lines, content.last_lines_bytes);
  std::string options;
  for (const auto& [name, value] : content.options) {
    options +=
        fmt::format("{}{}:{}", options.empty() ? "" : ",", json_path(name), json_path(value));
  }
  json += ",\"options\":{" + options + "}";
  json += ",\"tasks\":" + json_array(content.tasks, [](const PartialContent::Task& task) {
            return fmt::format(R"({{"task":{},"calls":{},"quantity_ms":{}}})", json_name(task.name),
                               task.calls, task.quantity);
          });
  json +=
      fmt::format(R"(,"task_count":{},"input_count":{})", content.task_count, content.input_count);
  return json + inputs_json(content.inputs) + "}\n";
}

}  // namespace billing
