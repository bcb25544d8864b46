// The report of a check for people.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "base/text_columns.h"
#include "billing/error.h"
#include "billing/rejected_record.h"
#include "render/check_report.h"
#include "render/excerpt.h"
#include "render/reject_text.h"
#include "render/summary_parts.h"

namespace billing {
namespace {

constexpr std::size_t kCellBytes = 48;  // of a name in a table
constexpr std::size_t kShownFields = 60;
constexpr std::size_t kRecordBytes = 160;

/// Rows of cells below each other. The last cell of a row may be as long as it likes.
class Table {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  void append_to(std::string& out) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i + 1 < row.size(); ++i)
        widths[i] = std::max(widths[i], text_columns(row[i]));
    }
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t i = 0; i + 1 < row.size(); ++i)
        line += row[i] + std::string(widths[i] - text_columns(row[i]) + 2, ' ');
      line += row.back();
      out += "  " + line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string cell(std::string_view text) {
  std::string shown;
  append_escaped(shown, text, kCellBytes);
  return shown;
}

/// The formats that were tried and what each found, but for the one at hand.
std::string describe_others(const CheckedInput& input) {
  const std::string taken = input.format ? input.format->name : "";
  std::string some;
  std::size_t none = 0;
  for (const FormatCandidate& one : input.choice.candidates) {
    if (one.name == taken) continue;
    if (one.events == 0) {
      ++none;
      continue;
    }
    some += (some.empty() ? "" : ", ") + std::string(one.name);
    some += fmt::format(" {} of {}", grouped(one.events), grouped(one.records));
  }
  if (none == 0) return some;
  return some + (some.empty() ? "" : "; ") + counted(none, "format") + ": no match";
}

/// `12 of its first 12 records are calls`, `its one record is a call`.
std::string describe_share(const CheckedInput& input) {
  for (const FormatCandidate& one : input.choice.candidates) {
    if (one.name != input.format->name || one.records == 0) continue;
    if (one.records == 1)
      return one.events == 1 ? "its one record is a call" : "its one record is no call";
    return fmt::format("{} of its first {} records {}", grouped(one.events), grouped(one.records),
                       one.events == 1 ? "is a call" : "are calls");
  }
  return "it has no records yet";
}

std::string describe_format(const CheckedInput& input) {
  const FormatChoice& choice = input.choice;
  const bool is_said = choice.candidates.empty();
  if (choice.format) {
    return choice.format->name + wrapper_text(*choice.format) +
           (is_said ? ", as you say" : ": " + describe_share(input));
  }
  if (input.format && input.totals.accepted == 0) {
    return fmt::format("none fits; {}{} comes closest, and its records are read so below",
                       input.format->name, wrapper_text(*input.format));
  }
  if (input.format) {
    return fmt::format("none fits; {}{} comes closest: {}", input.format->name,
                       wrapper_text(*input.format), describe_share(input));
  }
  if (!choice.form && choice.wrapper == Wrapper::none) return "none fits";
  if (!choice.form) return "none fits the lines" + wrapper_text(choice.wrapper, choice.stream);
  return choice.form->name + wrapper_text(*choice.form) +
         (is_said ? ", as you say" : " by its form") +
         ", but not all of its fields are called as usual";
}

std::string describe_records(const CheckedInput& input) {
  const InputTotals& totals = input.totals;
  std::string text = input.is_whole ? "all " : "the first ";
  text += grouped(totals.records);
  const bool has_measures = input.format && !input.format->measures.empty();
  text += ": " + (has_measures ? counted(totals.accepted, "record") + " that make " +
                                     counted(totals.events, "event")
                               : counted(totals.accepted, "call"));
  if (totals.without_quantity > 0) {
    text += fmt::format(
        " ({} {} no quantity and {} billed as {})", grouped(totals.without_quantity),
        totals.without_quantity == 1 ? "has" : "have", totals.without_quantity == 1 ? "is" : "are",
        escaped_text(stand_in_text(*input.format)));
  }
  if (input.duplicates) {
    text += fmt::format(", {} of {} duplicates", grouped(*input.duplicates),
                        has_measures ? "the records" : "them");
  }
  if (totals.rejected_total() > 0) {
    text += fmt::format(", {} that would be rejected ({})", grouped(totals.rejected_total()),
                        rejects_by_reason(totals));
  }
  if (totals.directives > 0) {
    const bool is_table = input.format->family == FormatFamily::csv;
    text += ", " + (has_streams(input.format->wrapper)
                        ? grouped(totals.directives) + " of another stream or headers"
                        : counted(totals.directives, is_table ? "header" : "directive"));
  }
  if (totals.blank > 0) text += fmt::format(", {} blank", grouped(totals.blank));
  return text;
}

FieldMapping shown_mapping(const RecordFormat& format) {
  if (!format.is_text()) return format.mapping;
  return {"1st word", "2nd word", "3rd word", "4th word", "5th word, as 260ms"};
}

/// How its records are read, and what was found so.
void add_reading(Table& table, const CheckedInput& input) {
  const RecordFormat& format = *input.format;
  const InputTotals& totals = input.totals;
  const FieldMapping mapping = shown_mapping(format);
  const bool has_events = totals.accepted > 0;
  const bool has_times = has_events && mapping.time != "none";
  const auto add = [&table](std::string label, const std::string& selector, std::string found) {
    table.add({std::move(label), escaped_text(selector), std::move(found)});
  };
  table.add({"records", describe_records(input)});
  add("time", mapping.time,
      has_times ? timestamp_text(totals.earliest_ns) + " to " + timestamp_text(totals.latest_ns)
                : "");
  add("user", mapping.user, has_events ? grouped(input.users) + " distinct" : "");
  add("task", mapping.task, has_events ? grouped(input.tasks) + " distinct" : "");
  add("status", mapping.status, "");
  add(format.measures.empty() ? "quantity" : "measures",
      format.measures.empty() ? mapping.quantity : quantities_text(format),
      quantity_text(totals.accepted_quantity, format.quantity) + " in all; a rate is per " +
          unit_of_a_rate(format.quantity));
}

void append_events(std::string& out, const CheckedInput& input) {
  if (input.first_events.empty()) return;
  const RecordFormat& format = *input.format;
  Table table;
  table.add({"line", "time", "user", "task", "status",
             fmt::format("quantity ({})", format.quantity.unit)});
  for (const CheckedEvent& event : input.first_events) {
    table.add({std::to_string(event.line),
               format.mapping.time == "none" ? "-" : timestamp_text(event.time_ns),
               cell(event.user), cell(event.task),
               event.status == 0 ? "-" : fmt::format("{:03}", event.status),
               shortest_amount(event.quantity, format.quantity.digits)});
  }
  out += "\n";
  table.append_to(out);
}

void append_rejects(std::string& out, const CheckedInput& input, std::size_t columns) {
  if (input.first_rejects.empty()) return;
  const std::size_t shown = input.first_rejects.size();
  out += fmt::format(
      "\n  would be rejected: {} of {}{}\n", grouped(input.totals.rejected_total()),
      counted(input.totals.records - input.totals.blank - input.totals.directives, "record"),
      shown < input.totals.rejected_total() ? fmt::format("; the first {} are", grouped(shown))
                                            : "");
  std::array<bool, kRejectReasonCount> is_told{};
  std::string wanted;
  for (const CheckedReject& one : input.first_rejects) {
    const RejectedRecord reject = make_rejected_record(one.line, one.offset_bytes, one.column,
                                                       one.reason, one.record, one.record_bytes);
    append_excerpt(out, input.name, reject, columns);
    bool& told = is_told[static_cast<std::size_t>(one.reason)];
    if (!told) wanted += "  " + describe_reject_reason(reject, *input.format) + "\n";
    told = true;
  }
  out += wanted;
}

void append_fields(std::string& out, const std::vector<SeenField>& fields) {
  if (fields.empty()) return;
  Table table;
  table.add({"field", "records", "example"});
  const std::size_t shown = std::min(fields.size(), kShownFields);
  for (std::size_t i = 0; i < shown; ++i)
    table.add({cell(fields[i].name), grouped(fields[i].records), cell(fields[i].example)});
  out += "\n";
  table.append_to(out);
  if (shown < fields.size()) out += "  and " + counted(fields.size() - shown, "more field") + "\n";
}

/// `a`, `a and b`, `a, b and c`.
std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

/// The beginning of what no format is like.
void append_first_record(std::string& out, const CheckedInput& input) {
  if (input.first_record.empty()) return;
  out += "\n  its first record is\n    ";
  append_escaped(out, input.first_record, kRecordBytes);
  out +=
      "\n  if a web server wrote it: \1log-format takes the definition of its configuration; "
      "billing formats lists the formats there are\n";
}

void append_form(std::string& out, const FormatChoice& choice) {
  append_fields(out, choice.fields);
  std::vector<std::string> options;
  for (const std::string& part : choice.missing) options.push_back(kSettingMark + part);
  out += "\n  to be said: which of these fields is what, by " + joined(options) +
         "; and, where there are such, by \1task and \1status-from\n";
}

void append_input(std::string& out, const CheckedInput& input, std::size_t columns) {
  out += escaped_text(input.name) + "\n";
  Table head;
  head.add({"format", describe_format(input)});
  const std::string others = describe_others(input);
  if (!others.empty()) head.add({"others", others});
  if (input.format) add_reading(head, input);
  head.append_to(out);
  if (input.format) {
    append_events(out, input);
    append_rejects(out, input, columns);
    append_fields(out, input.fields);
  } else if (input.choice.form) {
    append_form(out, input.choice);
  } else {
    append_first_record(out, input);
  }
  const std::vector<std::string> warnings = check_warnings(input);
  if (!warnings.empty()) out += "\n";
  for (const std::string& warning : warnings) out += "  warning: " + warning + "\n";
}

}  // namespace

std::string check_text(const CheckReport& report, const std::vector<Proposal>& proposals,
                       std::size_t columns) {
  std::string out;
  for (const CheckedInput& input : report.inputs) {
    if (!out.empty()) out += "\n";
    append_input(out, input, columns);
  }
  if (!report.problem.empty()) out += "\nnot together: " + report.problem + "\n";
  for (const Proposal& proposal : proposals)
    out += "\n" + proposal.purpose + ":\n  " + proposal.command + "\n";
  return out;
}

std::vector<std::string> check_warnings(const CheckedInput& input) {
  std::vector<std::string> warnings;
  const std::uint64_t events = input.totals.accepted;
  if (!input.format || events == 0) return warnings;
  const FieldMapping& mapping = input.format->mapping;
  const bool is_web = input.format->family == FormatFamily::web;
  if (is_web && mapping.user.find("remote_user") != std::string::npos &&
      input.addresses < input.users) {
    warnings.emplace_back(
        "users are taken from remote_user, which is what the client claims: it is only as good as "
        "the server's authentication");
  }
  if (input.addresses > 0) {
    warnings.push_back(fmt::format(
        "{}: many people may share one, and one person may have many",
        input.users == 1 ? "the only user is an address"
                         : grouped(input.addresses) + " of " + counted(input.users, "user") +
                               (input.addresses == 1 ? " is an address" : " are addresses")));
  }
  constexpr std::uint64_t kManyTasks = 20;
  if (input.tasks >= kManyTasks && input.tasks * 2 > events) {
    warnings.push_back(fmt::format(
        "{} distinct tasks in {}: ids in tasks? Each needs a rate; \1task-pattern makes "
        "one task of many paths, and \1rate '*=PRICE' is every other task's",
        grouped(input.tasks), counted(events, "call")));
  }
  const std::vector<Measure>& measures = input.format->measures;
  for (std::size_t i = 0; i < std::min(measures.size(), input.with_measure.size()); ++i) {
    const std::uint64_t records = input.with_measure[i];
    if (records == 0) {
      warnings.push_back(fmt::format("no record has the \1measure {} ({})",
                                     escaped_text(measures[i].name),
                                     escaped_text(measures[i].quantity)));
    } else if (records < events) {
      warnings.push_back("the \1measure " + share_text(measures[i], records, events) +
                         "; nothing is billed for it of the others");
    }
  }
  const bool has_no_task =
      input.tasks == 1 && !input.first_events.empty() && input.first_events.front().task == "-";
  if (has_no_task && mapping.task != "none" && !input.format->is_text()) {
    warnings.push_back("no record has the \1task " + quoted_text(mapping.task) +
                       ": all calls are of one task, -, and have its rate");
  }
  if (mapping.task == "none" && !input.format->is_text()) {
    warnings.emplace_back(
        "no field says what was done, so that all calls are of one task, -; \1task says which");
  }
  return warnings;
}

}  // namespace billing
