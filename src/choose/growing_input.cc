#include "choose/growing_input.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_lines.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "billing/mediate.h"
#include "billing/named_formats.h"
#include "choose/choose_wrapper.h"
#include "formats/fields_lines.h"
#include "formats/json_documents.h"
#include "formats/quoted_records.h"
#include "wrappers/wrapped_records.h"

namespace billing {
namespace {

/// Whether the quantity was chosen by what an input's first records have.
bool is_usual_quantity(FormatFamily family, std::string_view quantity) {
  constexpr std::string_view kOfFields[] = {"duration_ms", "quantity", "data.duration_ms:ms",
                                            "data.quantity"};
  constexpr std::string_view kOfColumns[] = {"time-taken:ms", "time-taken:s", "1"};
  const auto is_one_of = [quantity](const auto& usual) {
    return std::find(std::begin(usual), std::end(usual), quantity) != std::end(usual);
  };
  if (family == FormatFamily::w3c) return is_one_of(kOfColumns);
  const bool has_usual_names = family == FormatFamily::json || family == FormatFamily::logfmt;
  return has_usual_names && is_one_of(kOfFields);
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
  if (!settings.unwrap) own.unwrap = before.wrapper;
  if (!settings.stream && has_streams(before.wrapper)) own.stream = before.stream;
  if (!is_open || !is_named || is_unfit) return own;
  own.format = before.name;
  // Which of the usual names an input has shows late, where its first records lack it.
  const std::string& quantity = before.mapping.quantity;
  const bool is_said = settings.quantity || !settings.measures.empty();
  if (!is_said && is_usual_quantity(before.family, quantity)) own.quantity = quantity;
  return own;
}

LogStream stream_of(const FormatSettings& settings) {
  return settings.stream.value_or(LogStream::out);
}

/// Where whole records of a wrapped log may end, of a format of lines and of one with quotes.
std::vector<std::size_t> ends_of_wrapped(Wrapper wrapper, LogStream stream,
                                         std::string_view bytes) {
  std::vector<std::size_t> ends;
  for (const bool has_quotes : {false, true}) {
    const std::size_t end = last_wrapped_end(
        {wrapper, stream, has_quotes, kDefaultMaxRecordBytes, /*first_byte=*/0}, bytes);
    if (end > 0 && (ends.empty() || ends.back() != end)) ends.push_back(end);
  }
  return ends;
}

/// Behind the last line end, and behind the last one that no quotes hold: where whole records may
/// end.
std::vector<std::size_t> ends_of_records(std::string_view bytes) {
  std::vector<std::size_t> ends;
  const std::size_t last = bytes.rfind('\n') + 1;
  if (last > 0) ends.push_back(last);
  const std::size_t unquoted =
      make_quoted_cutter(/*has_quotes=*/true, /*has_header=*/false)->last_end(bytes, 0);
  if (unquoted != RecordCutter::kNone && unquoted != last) ends.push_back(unquoted);
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

/// What is around the lines of an input, as those that are whole tell; settings say so from then
/// on.
void find_wrapper(FormatSettings& settings, const InputSample& sample) {
  if (settings.unwrap) return;
  InputSample lines = sample;
  lines.bytes.resize(sample.bytes.rfind('\n') + 1);
  lines.is_whole = false;  // a part that is joined to others may be missing
  if (lines.bytes.empty() || likely_wrapper(lines) == Wrapper::none) return;
  const FormatChoice choice = try_choice(settings, lines);
  if (choice.wrapper != Wrapper::none) settings.unwrap = choice.wrapper;
}

bool is_family(const FormatSettings& settings, FormatFamily family) {
  const auto named = named_formats();
  return !settings.log_format &&
         std::any_of(named.begin(), named.end(), [&](const NamedFormat& format) {
           return format.family == family &&
                  (settings.format == "auto" || settings.format == format.name);
         });
}

/// That of an input whose records are objects over several lines.
FormatChoice choose_document(const FormatSettings& settings, const InputSample& sample,
                             JsonLayout layout) {
  const char* const begin = sample.bytes.data();
  std::size_t end = 0;
  for_each_document(layout, sample.bytes, [&](std::string_view record) {
    end = static_cast<std::size_t>(record.data() - begin) + record.size();
  });
  if (end > 0) {
    InputSample whole_records = sample;
    whole_records.bytes.resize(end);
    whole_records.is_whole = false;
    return try_choice(settings, whole_records);
  }
  FormatSettings own = settings;
  if (own.format == "auto") own.format = "json";
  FormatChoice choice = try_choice(own, sample);
  if (choice.format) choice.format->layout = layout;
  choice.has_no_records = true;
  return choice;
}

/// Whether whole lines begin a W3C log, and none has named its columns yet.
bool are_first_directives(std::string_view lines) {
  if (lines.starts_with(kByteOrderMark)) lines.remove_prefix(kByteOrderMark.size());
  bool has_any = false;
  while (!lines.empty()) {
    const std::string_view line = next_line(lines);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::size_t name_end =
        line.find_first_not_of("-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 1);
    const bool is_directive = line.starts_with('#') && name_end > 1 &&
                              name_end != std::string_view::npos && line[name_end] == ':';
    if (!is_directive || columns_of(line)) return false;
    has_any = true;
  }
  return has_any;
}

/// What whole records tell; nothing where they tell too little.
std::optional<FormatChoice> choose_by_whole_records(const FormatSettings& own,
                                                    const InputSample& sample,
                                                    std::string& problem) {
  const Wrapper wrapper = own.unwrap.value_or(Wrapper::none);
  InputSample whole_records = sample;
  const std::vector<std::size_t> ends =
      wrapper == Wrapper::none ? ends_of_records(sample.bytes)
                               : ends_of_wrapped(wrapper, stream_of(own), sample.bytes);
  for (const std::size_t end : ends) {
    whole_records.bytes.resize(end);
    FormatChoice choice = try_choice(own, whole_records);
    const bool is_all = end == sample.bytes.size();
    if (choice.format && is_all) return choice;
    const bool is_void = choice.format && choice.has_no_records && choice.format->is_text();
    if (is_void) {
      problem.clear();
      return std::nullopt;
    }
    // The beginning of a table's record shows that there will be some.
    if (choice.format) {
      choice.has_no_records = choice.has_no_records && choice.format->family == FormatFamily::w3c;
      return choice;
    }
    problem = choice.problem;
  }
  return std::nullopt;
}

}  // namespace

bool may_be_json(const FormatSettings& settings) { return is_family(settings, FormatFamily::json); }

FormatChoice choose_growing_format(const FormatSettings& settings, const InputSample& sample) {
  FormatChoice choice;
  if (sample.is_known && sample.before) {
    choice.format = sample.before;
    return choice;
  }
  FormatSettings own = sample.before ? settings_as_before(settings, *sample.before) : settings;
  if (!sample.may_grow || !sample.is_whole) return choose_format(own, sample);
  find_wrapper(own, sample);
  const Wrapper wrapper = own.unwrap.value_or(Wrapper::none);
  const JsonLayout layout = growing_layout_of(sample.bytes);
  if (wrapper == Wrapper::none && layout != JsonLayout::lines && may_be_json(own))
    return choose_document(own, sample, layout);
  if (auto by_records = choose_by_whole_records(own, sample, choice.problem)) return *by_records;
  InputSample lines = sample;
  lines.bytes.resize(sample.bytes.rfind('\n') + 1);
  FormatChoice of_all = try_choice(own, sample);
  // Half a line within a wrapper looks like a whole one, and may not name all columns.
  const bool may_name_half = of_all.format && of_all.format->family == FormatFamily::w3c &&
                             wrapper != Wrapper::none && lines.bytes.size() < sample.bytes.size();
  if (may_name_half) of_all = try_choice(own, lines);
  if (of_all.format) return of_all;
  if (is_family(own, FormatFamily::w3c) &&
      are_first_directives(wrapper == Wrapper::none
                               ? lines.bytes
                               : unwrapped_sample(wrapper, stream_of(own), lines).bytes)) {
    own.format = "iis";
    return try_choice(own, lines);
  }
  if (!choice.problem.empty() || sample.bytes.empty()) return of_all;
  choice.format = RecordFormat{};
  choice.format->wrapper = wrapper;
  if (wrapper != Wrapper::none) choice.format->stream = stream_of(own);
  choice.has_no_records = true;
  return choice;
}

}  // namespace billing
