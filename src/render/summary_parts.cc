#include "render/summary_parts.h"

#include <algorithm>

#include "base/civil_time.h"
#include "base/count_text.h"
#include "base/escape_text.h"

namespace billing {

std::string amount_text(Int128 units, int scale) {
  std::string text;
  append_amount(text, units, scale);
  return text;
}

std::string shortest_amount(Int128 units, int scale) {
  std::string text;
  append_shortest_amount(text, units, scale);
  return text;
}

std::string rounding_difference(const JobReport& report, int scale) {
  const int decimals = exact_decimals(report.quantity);
  Int128 unit = 1;
  for (int i = scale; i < decimals; ++i) unit *= 10;
  // Apart, as the product may leave 127 bits where the difference does not.
  const Int128 exact = report.statement.exact;
  const Int128 difference = (report.statement.billed - exact / unit) * unit - exact % unit;
  return (difference > 0 ? "+" : "") + shortest_amount(difference, decimals);
}

bool has_measures(const JobReport& report) {
  return report.totals.events != report.totals.accepted ||
         std::any_of(report.formats.begin(), report.formats.end(),
                     [](const FormatReport& row) { return !row.format.measures.empty(); });
}

bool has_times(const JobReport& report) {
  return report.formats.empty() ||
         std::any_of(report.formats.begin(), report.formats.end(),
                     [](const FormatReport& row) { return row.format.mapping.time != "none"; });
}

bool has_rounding(const JobReport& report) {
  return std::any_of(report.formats.begin(), report.formats.end(), [](const FormatReport& row) {
    return row.format.excess_digits == ExcessDigits::round;
  });
}

std::string rounding_sum(const QuantityRounding& rounding) {
  return (rounding.by > 0 ? "+" : "") + shortest_amount(rounding.by, kRoundingDigits);
}

std::string quantities_text(const RecordFormat& format) {
  if (format.measures.empty()) return format.mapping.quantity;
  std::string text;
  for (const Measure& measure : format.measures)
    text += (text.empty() ? "" : "; ") + measure.name + "=" + measure.quantity;
  return text;
}

std::string share_text(const Measure& measure, std::uint64_t records, std::uint64_t all_records) {
  return escaped_text(measure.name) + " in " + grouped(records) + " of " +
         counted(all_records, "record");
}

std::string wrapper_text(Wrapper wrapper, LogStream stream) {
  if (wrapper == Wrapper::none) return "";
  std::string text = " in " + std::string(name_of(wrapper));
  if (has_streams(wrapper)) text += " (" + std::string(name_of(stream)) + ")";
  return text;
}

std::string wrapper_text(const RecordFormat& format) {
  return wrapper_text(format.wrapper, format.stream);
}

std::string unit_of_a_rate(const QuantityRules& quantity) {
  if (quantity.unit == "calls") return "call";
  if (quantity.unit == "units") return "unit of the quantity";
  // `tokens` and the like; names of times and sizes stand as they are.
  const bool is_many = quantity.unit.size() > 3 && quantity.unit.ends_with('s');
  return is_many ? "unit of " + quantity.unit : quantity.unit;
}

std::string quantity_text(Int128 quantity, const QuantityRules& rules) {
  const std::string number = grouped_number(shortest_amount(quantity, rules.digits));
  return number + " " + (number == "1" && rules.unit == "calls" ? "call" : rules.unit);
}

std::string stand_in_text(const RecordFormat& format) {
  const std::string& quantity = format.mapping.quantity;
  const std::string last = quantity.substr(quantity.rfind(',') + 1);
  return last.starts_with('=') ? last.substr(1) : last;
}

std::string timestamp_text(std::int64_t time_ns) {
  std::string text;
  append_timestamp(time_ns, text);
  return text;
}

double wall_s(const JobReport& report) {
  double sum_s = 0;
  for (const PassTime& pass : report.passes) sum_s += pass.wall_s;
  return sum_s;
}

std::vector<std::string_view> unrated_names(const JobReport& report) {
  std::vector<std::string_view> names;
  names.reserve(report.unrated.size());
  for (const UnratedTask& unrated : report.unrated) names.push_back(unrated.task);
  return names;
}

std::vector<std::pair<std::string, std::string>> effective_options(const BillJob& job,
                                                                   const JobReport& report) {
  std::vector<std::pair<std::string, std::string>> effective;
  bool has_cycle = true;
  for (const auto& [name, value] : report.options) {
    if (name == "group-by") has_cycle = value.find("cycle") != std::string::npos;
    const bool is_of_cycle = name == "cycle" || name == "timezone" || name == "anchor-day";
    if (!value.empty() && (has_cycle || !is_of_cycle)) effective.emplace_back(name, value);
  }
  if (job.partial) return effective;
  effective.emplace_back("rounding", kRoundingNames[static_cast<std::size_t>(job.rounding.mode)]);
  effective.emplace_back("scale", std::to_string(job.rounding.scale));
  return effective;
}

}  // namespace billing
