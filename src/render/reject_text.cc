#include "render/reject_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "base/utf8.h"
#include "billing/event_batch.h"
#include "billing/reject.h"
#include "render/summary_parts.h"

namespace billing {
namespace {

constexpr std::string_view kBlanks = " \t";

std::string wanted_name() {
  return fmt::format("1 to {} bytes of UTF-8 without control characters", kMaxNameBytes);
}

/// The form that records of a format have.
std::string wanted_form(const RecordFormat& format) {
  switch (format.family) {
    case FormatFamily::web:
      return "a line of the form " + escaped_text(format.definition) + " with nothing behind it";
    case FormatFamily::json:
      if (format.layout == JsonLayout::array)
        return "an array of valid JSON objects, with commas between them, that is closed";
      if (format.layout == JsonLayout::objects) return "valid JSON objects, one after the other";
      return "one valid JSON object in each line";
    case FormatFamily::csv:
      return "quotes around whole cells only, and doubled within them";
    case FormatFamily::w3c:
      return "cells as the #Fields: line before it names them";
    case FormatFamily::logfmt:
      return "key=value pairs, with quotes around values that hold spaces";
    case FormatFamily::text:
      break;
  }
  return "time user task status NNNms";
}

/// What else it must have where records are deduplicated.
std::string wanted_key(const RecordFormat& format) {
  if (format.dedupe.by.empty() || format.dedupe.by == "record") return "";
  return ", with a value in " + escaped_text(format.dedupe.by) +
         " (or say \1dedupe-missing keep, to bill records without one each for itself)";
}

/// Of all formats but `text`: which field the reason is about, and what it must be.
std::string describe_wanted(RejectReason reason, const RecordFormat& format) {
  const auto in = [](const std::string& selector) { return " in " + escaped_text(selector); };
  const FieldMapping& mapping = format.mapping;
  const QuantityRules& quantity = format.quantity;
  switch (reason) {
    case RejectReason::too_long:
      return "a record of at most \1max-record-bytes";
    case RejectReason::field_count:
      if (format.family == FormatFamily::w3c)
        return "as many cells as the #Fields: line before it names";
      return fmt::format("{}, as there are columns", counted(format.columns.size(), "cell"));
    case RejectReason::bad_record:
      return wanted_form(format) + wanted_key(format);
    case RejectReason::bad_time:
      return "a time" + in(mapping.time) + "; of which kind it is, \1time FIELD:KIND says";
    case RejectReason::bad_user:
      return wanted_name() + in(mapping.user);
    case RejectReason::bad_task:
      return wanted_name() + in(mapping.task);
    case RejectReason::bad_status:
      return "one to three digits, or nothing," + in(mapping.status);
    case RejectReason::bad_duration:
    case RejectReason::bad_quantity:
      return fmt::format(
          "a number{} that is {} {} with at most {} behind the point (\1quantity-digits{}{})",
          in(quantities_text(format)), quantity.negative ? "any" : "0 or more", quantity.unit,
          counted(static_cast<std::uint64_t>(quantity.digits), "digit"),
          format.excess_digits == ExcessDigits::round ? "" : "; \1excess-digits round for more",
          quantity.negative ? "" : "; \1negative allow for credits");
    case RejectReason::unrated_task:
    case RejectReason::duplicate:
      break;
  }
  return "a task with a rate, such as \1rate login=0.005";
}

std::string describe_wanted(RejectReason reason) {
  switch (reason) {
    case RejectReason::too_long:
      return "a record of at most \1max-record-bytes";
    case RejectReason::field_count:
      return "5 fields, time user task status NNNms";
    case RejectReason::bad_record:
    case RejectReason::bad_quantity:
    case RejectReason::duplicate:
      break;  // of other formats, or no reject
    case RejectReason::bad_time:
      return "2025-05-02T23:16:50Z (T, Z or +05:30, fraction of 1 to 9 digits, years 1970 to 2261)";
    case RejectReason::bad_user:
    case RejectReason::bad_task:
      return wanted_name();
    case RejectReason::bad_status:
      return "three digits, 100 to 599";
    case RejectReason::bad_duration:
      return "1 to 15 digits and ms, such as 1568ms";
    case RejectReason::unrated_task:
      return "a task with a rate, such as \1rate login=0.005";
  }
  return "";
}

std::size_t count_fields(std::string_view record) {
  std::size_t fields = 0;
  for (std::size_t at = 0; (at = record.find_first_not_of(kBlanks, at)) != record.npos; ++fields) {
    at = std::min(record.find_first_of(kBlanks, at), record.size());
  }
  return fields;
}

/// `2025-05-02 23:16:50`: what many programs write.
bool parts_its_time(std::string_view record) {
  constexpr std::string_view kForm = "0000-00-00 00:00:00";
  record.remove_prefix(std::min(record.find_first_not_of(kBlanks), record.size()));
  const auto fits = [](char form, char c) {
    return form == '0' ? c >= '0' && c <= '9' : form == c;
  };
  return record.size() >= kForm.size() &&
         std::equal(kForm.begin(), kForm.end(), record.begin(), fits);
}

std::string_view field_that_offends(const RejectedRecord& reject) {
  const std::string_view rest =
      reject.record.substr(std::min<std::size_t>(reject.column - 1, reject.record.size()));
  return rest.substr(0, rest.find_first_of(kBlanks));
}

/// What is wrong with a name.
std::string describe_name(std::string_view name) {
  if (name.size() > kMaxNameBytes) return counted(name.size(), "byte");
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t size = utf8_sequence_bytes(name, at);
    if (size == 0) return "bytes that are no UTF-8";
    if (is_control_sequence(name.substr(at, size))) break;
    at += size;
  }
  return "a control character";
}

std::string describe_found(const RejectedRecord& example) {
  switch (example.reason) {
    case RejectReason::field_count:
      return fmt::format(
          "; this line has {}{}", count_fields(example.record),
          parts_its_time(example.record) ? " because a blank separates its date and time" : "");
    case RejectReason::bad_user:
    case RejectReason::bad_task:
      return "; this one has " + describe_name(field_that_offends(example));
    default:
      return "";
  }
}

}  // namespace

std::string describe_reject_reason(RejectReason reason, const RecordFormat& format) {
  const bool is_text = format.is_text();
  std::string wanted = is_text ? describe_wanted(reason) : describe_wanted(reason, format);
  // The line may lack the wrapper's form, or what is in it that of the format.
  if (reason == RejectReason::bad_record && format.wrapper != Wrapper::none) {
    wanted = fmt::format("a line as {} writes it{}{}", name_of(format.wrapper),
                         wanted.empty() ? "" : ", and in it ", wanted);
  }
  return fmt::format("{}: wants {}", reject_reason_name(reason), wanted);
}

std::string describe_reject_reason(const RejectedRecord& example, const RecordFormat& format) {
  const bool is_text = format.is_text();
  return describe_reject_reason(example.reason, format) + (is_text ? describe_found(example) : "");
}

std::string rejects_by_reason(const InputTotals& totals) {
  std::string text;
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    if (totals.rejected[i] == 0) continue;
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ",
                    reject_reason_name(static_cast<RejectReason>(i)), grouped(totals.rejected[i]));
  }
  return text;
}

std::string describe_rejects(const InputTotals& totals) {
  return fmt::format("{} of {} rejected ({})", grouped(totals.rejected_total()),
                     counted(totals.records - totals.blank - totals.directives, "record"),
                     rejects_by_reason(totals));
}

}  // namespace billing
