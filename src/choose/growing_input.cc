#include "choose/growing_input.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include "billing/error.h"
#include "billing/named_formats.h"

namespace billing {
namespace {

/// As it is chosen from what an input's first records have.
bool is_usual_quantity(std::string_view quantity) {
  constexpr std::string_view kUsual[] = {"duration_ms", "quantity", "data.duration_ms:ms",
                                         "data.quantity"};
  return std::find(std::begin(kUsual), std::end(kUsual), quantity) != std::end(kUsual);
}

/// What is said, and what was found out when the input was read first.
FormatSettings settings_as_before(const FormatSettings& settings, const RecordFormat& before) {
  const auto named = named_formats();
  const bool is_named = std::any_of(named.begin(), named.end(), [&](const NamedFormat& format) {
    return format.name == before.name;
  });
  const bool is_open = settings.format == "auto" && !settings.log_format;
  const bool is_unfit = before.is_text() && settings.has_mapping();
  FormatSettings own = settings;
  if (!is_open || !is_named || is_unfit) return own;
  own.format = before.name;
  // Which of the two usual names an input has shows late, where its first records lack it.
  const bool has_usual_names =
      before.family == FormatFamily::json || before.family == FormatFamily::logfmt;
  const std::string& quantity = before.mapping.quantity;
  if (has_usual_names && !settings.quantity && is_usual_quantity(quantity)) own.quantity = quantity;
  return own;
}

/// Behind the last line end, and behind the last one that no quotes hold: where whole records may
/// end.
std::vector<std::size_t> ends_of_records(std::string_view bytes) {
  std::vector<std::size_t> ends;
  const std::size_t last = bytes.rfind('\n') + 1;
  if (last > 0) ends.push_back(last);
  std::size_t unquoted = 0;
  bool is_inside = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    is_inside ^= bytes[i] == '"';
    if (bytes[i] == '\n' && !is_inside) unquoted = i + 1;
  }
  if (unquoted > 0 && unquoted != last) ends.push_back(unquoted);
  return ends;
}

/// A choice that is none where a setting is wrong for such an input.
FormatChoice try_choice(const FormatSettings& settings, const InputSample& sample) {
  try {
    return choose_format(settings, sample);
  } catch (const Error& error) {
    FormatChoice choice;
    choice.problem = error.message();
    return choice;
  }
}

}  // namespace

FormatChoice choose_growing_format(const FormatSettings& settings, const InputSample& sample) {
  FormatChoice choice;
  if (sample.is_known && sample.before) {
    choice.format = sample.before;
    return choice;
  }
  const FormatSettings own =
      sample.before ? settings_as_before(settings, *sample.before) : settings;
  if (!sample.may_grow || !sample.is_whole) return choose_format(own, sample);
  InputSample whole_records = sample;
  for (const std::size_t end : ends_of_records(sample.bytes)) {
    whole_records.bytes.resize(end);
    choice = try_choice(own, whole_records);
    const bool is_all = end == sample.bytes.size();
    if (choice.format && is_all) return choice;
    const bool is_void = choice.format && choice.has_no_records && choice.format->is_text();
    if (is_void) break;
    // The beginning of a table's record shows that there will be some.
    if (choice.format) {
      choice.has_no_records = false;
      return choice;
    }
  }
  FormatChoice of_all = try_choice(own, sample);
  if (of_all.format || !choice.problem.empty() || sample.bytes.empty()) return of_all;
  choice.format = RecordFormat{};
  choice.has_no_records = true;
  return choice;
}

}  // namespace billing
