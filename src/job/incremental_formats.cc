// What an incremental run asks of the formats of its inputs.

#include <string>
#include <string_view>

#include "base/escape_text.h"
#include "billing/error.h"
#include "formats/fields_lines.h"
#include "formats/quoted_records.h"
#include "job/incremental_run.h"
#include "job/unwrapped_source.h"
#include "state/record_borders.h"

namespace billing {

/// Records that were billed would be cut in other places, and some of them read once more.
void IncrementalRun::refuse_other_borders(const InputFormats& formats) const {
  const auto with_quotes = [](const RecordFormat& format) {
    return format.family == FormatFamily::csv && format.has_quotes;
  };
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (plans_[i].news != InputChange::grown) continue;
    const std::optional<RecordFormat> before = state_.format_before(i);
    if (!before) continue;
    const RecordFormat& now = formats.records(i);
    const RecordEnds ends = record_ends_of(*before, 0);
    std::string how;
    if (with_quotes(*before) != with_quotes(now)) {
      how = with_quotes(*before) ? "with quotes around cells (\1quote, \1format)"
                                 : "without quotes around cells (\1quote, \1format)";
    } else if (before->wrapper != now.wrapper ||
               (has_streams(now.wrapper) && before->stream != now.stream)) {
      how = before->wrapper == Wrapper::none
                ? "as its lines stand (\1unwrap none)"
                : "out of " + std::string(name_of(before->wrapper)) + " (\1unwrap, \1stream)";
    } else if (before->layout != now.layout) {
      how = ends.are_objects() ? "as JSON over several lines (\1format)"
                               : "as a record a line (\1format)";
    }
    if (how.empty()) continue;
    throw Error(ErrorKind::configuration,
                quoted_text(inputs_[i].name()) + " has been read " + how +
                    ", which says where its records end; read it on as before, or use another "
                    "\1state");
  }
}

/// Its last bytes would not be read.
void IncrementalRun::refuse_other_arrays(const InputFormats& formats) const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const RecordFormat& format = formats.records(i);
    if (!state_.is_array(i) || format.layout == JsonLayout::array) continue;
    throw Error(ErrorKind::configuration,
                quoted_text(inputs_[i].name()) + " begins as an array of JSON, but is read as " +
                    format.name + ", which \1state cannot tell apart; say which \1format it has");
  }
}

/// A `#Fields:` line or a header that was read before decides how the last line is read.
RecordFormat IncrementalRun::last_format(const InputFormats& formats, std::size_t input) const {
  RecordFormat format = formats.records(input);
  const InputPlan& plan = plans_[input];
  const bool is_w3c = format.family == FormatFamily::w3c;
  const bool is_wrapped = format.wrapper != Wrapper::none;
  const bool is_table = is_wrapped && format.family == FormatFamily::csv && format.has_header;
  if ((!is_w3c && !is_table) || plan.seen.last_line.empty()) return format;
  Input file = inputs_[input].once_more();
  file.map();
  const std::string_view taken = file.bytes().substr(0, plan.seen.taken_bytes);
  const std::uint64_t max_record_bytes = job_.mediation.max_record_bytes;
  const auto cutter = formats.format(input).make_cutter(true, max_record_bytes);
  auto state =
      is_wrapped ? pass_wrapped(*cutter, format, max_record_bytes, taken) : cutter->pass({});
  if (!is_wrapped && !taken.empty()) state = cutter->pass(taken);
  if (is_w3c) {
    format.columns = columns_in(state.get(), format.columns);
  } else {
    format.has_header = is_before_header(state.get());
  }
  return format;
}

}  // namespace billing
