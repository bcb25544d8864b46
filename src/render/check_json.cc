// The report of a check for programs.

#include <fmt/format.h>

#include <string_view>

#include "base/escape_text.h"
#include "billing/error.h"
#include "render/check_report.h"
#include "render/escape.h"
#include "render/summary_parts.h"

namespace billing {
namespace {

/// A name or a record: any bytes, so escaped as in messages.
std::string json_text(std::string_view text) {
  std::string json;
  append_json_string(json, escaped_text(text));
  return json;
}

/// `[a,b,c]` of what `element` makes of each.
template <class Range, class Element>
std::string json_array(const Range& range, const Element& element) {
  std::string json;
  for (const auto& value : range) json += (json.empty() ? "" : ",") + element(value);
  return "[" + json + "]";
}

std::string mapping_json(const FieldMapping& mapping, const std::vector<Measure>& measures) {
  const std::string quantity =
      measures.empty() ? R"("quantity":)" + json_text(mapping.quantity)
                       : R"("measures":)" + json_array(measures, [](const Measure& measure) {
                           return fmt::format(R"({{"name":{},"quantity":{}}})",
                                              json_text(measure.name), json_text(measure.quantity));
                         });
  return fmt::format(R"({{"time":{},"user":{},"task":{},"status":{},{}}})", json_text(mapping.time),
                     json_text(mapping.user), json_text(mapping.task), json_text(mapping.status),
                     quantity);
}

std::string candidate_json(const FormatCandidate& one) {
  const std::string problem =
      one.problem.empty() ? "" : R"(,"problem":)" + json_text(tell(one.problem, "--"));
  return fmt::format(R"({{"name":"{}","events":{},"records":{}{}}})", one.name, one.events,
                     one.records, problem);
}

std::string field_json(const SeenField& field) {
  return fmt::format(R"({{"name":{},"records":{},"example":{}}})", json_text(field.name),
                     field.records, json_text(field.example));
}

std::string rejected_json(const InputTotals& totals) {
  std::string json;
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    json += fmt::format("{}\"{}\":{}", i > 0 ? "," : "",
                        reject_reason_name(static_cast<RejectReason>(i)), totals.rejected[i]);
  }
  return "{" + json + "}";
}

std::string event_json(const CheckedEvent& event, const RecordFormat& format) {
  const bool has_time = format.mapping.time != "none";
  return fmt::format(R"({{"line":{},"time":{},"user":{},"task":{},"status":{},"quantity":"{}"}})",
                     event.line, has_time ? '"' + timestamp_text(event.time_ns) + '"' : "null",
                     json_text(event.user), json_text(event.task), event.status,
                     shortest_amount(event.quantity, format.quantity.digits));
}

std::string reject_json(const CheckedReject& reject) {
  return fmt::format(R"({{"line":{},"byte_offset":{},"column":{},"reason":"{}","record":{}}})",
                     reject.line, reject.offset_bytes, reject.column,
                     reject_reason_name(reject.reason), json_text(reject.record));
}

/// What its records are, by the format they were read in.
std::string reading_json(const CheckedInput& input) {
  const RecordFormat& format = *input.format;
  const InputTotals& totals = input.totals;
  std::string json = fmt::format(
      R"(,"read_as":{},"mapping":{},"unit":{},"digits":{},"is_whole":{},"records":{},"accepted":{}{},)"
      R"("rejected":{},"rejected_by_reason":{},"directives":{},"blank":{},"quantity":"{}","users":{},)"
      R"("tasks":{})",
      json_text(format.name), mapping_json(format.mapping, format.measures),
      json_text(format.quantity.unit), format.quantity.digits, input.is_whole, totals.records,
      totals.accepted, format.measures.empty() ? "" : fmt::format(R"(,"events":{})", totals.events),
      totals.rejected_total(), rejected_json(totals), totals.directives, totals.blank,
      shortest_amount(totals.accepted_quantity, format.quantity.digits), input.users, input.tasks);
  if (format.wrapper != Wrapper::none)
    json += fmt::format(R"(,"unwrap":"{}")", name_of(format.wrapper));
  if (has_streams(format.wrapper)) json += fmt::format(R"(,"stream":"{}")", name_of(format.stream));
  if (input.duplicates) json += fmt::format(R"(,"duplicates":{})", *input.duplicates);
  if (totals.accepted > 0 && format.mapping.time != "none") {
    json += fmt::format(R"(,"earliest":"{}","latest":"{}")", timestamp_text(totals.earliest_ns),
                        timestamp_text(totals.latest_ns));
  }
  if (totals.without_quantity > 0)
    json += fmt::format(R"(,"without_quantity":{})", totals.without_quantity);
  if (!input.with_measure.empty()) {
    json += R"(,"with_measure":)" + json_array(input.with_measure, [](std::uint64_t records) {
              return std::to_string(records);
            });
  }
  json += R"(,"first_events":)" + json_array(input.first_events, [&](const CheckedEvent& event) {
            return event_json(event, format);
          });
  return json + R"(,"first_rejects":)" + json_array(input.first_rejects, reject_json);
}

std::string input_json(const CheckedInput& input) {
  const FormatChoice& choice = input.choice;
  std::string json =
      fmt::format(R"({{"name":{},"format":{},"candidates":{})", json_text(input.name),
                  choice.format ? json_text(choice.format->name) : "null",
                  json_array(choice.candidates, candidate_json));
  if (input.format) json += reading_json(input);
  if (!input.first_record.empty()) json += R"(,"first_record":)" + json_text(input.first_record);
  if (!choice.format) {
    json += fmt::format(
        R"(,"problem":{},"form":{},"missing":{},"guess":{})", json_text(tell(choice.problem, "--")),
        choice.form ? json_text(choice.form->name) : "null",
        json_array(choice.missing, [](const std::string& part) { return json_text(part); }),
        mapping_json(choice.guess, choice.form ? choice.form->measures : std::vector<Measure>()));
  }
  json += R"(,"fields":)" +
          json_array(choice.format || input.format ? input.fields : choice.fields, field_json);
  return json + R"(,"warnings":)" +
         json_array(check_warnings(input),
                    [](const std::string& text) { return json_text(tell(text, "--")); }) +
         "}";
}

}  // namespace

std::string check_json(const CheckReport& report, const std::vector<Proposal>& proposals) {
  std::string json = R"({"inputs":)" + json_array(report.inputs, input_json);
  if (!report.problem.empty()) json += R"(,"problem":)" + json_text(tell(report.problem, "--"));
  json += R"(,"proposals":)" + json_array(proposals, [](const Proposal& proposal) {
            return fmt::format(R"({{"purpose":{},"command":{}}})", json_text(proposal.purpose),
                               json_text(proposal.command));
          });
  return json + "}\n";
}

}  // namespace billing
