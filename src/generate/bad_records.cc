#include "generate/bad_records.h"

#include <array>
#include <cstddef>
#include <initializer_list>

namespace billing {

namespace {

using Fields = RecordFields;

constexpr std::size_t kLongestName = 255;  // bytes of a user or a task

// Times are `YYYY-MM-DDTHH:MM:SSZ`: the numbers below are places in that text.
constexpr auto kKinds = std::to_array<BadRecordKind>({
    {"no duration", "field_count", [](Fields& f) { f.duration.clear(); }},
    {"no user", "field_count", [](Fields& f) { f.user.clear(); }},
    {"a sixth field", "field_count", [](Fields& f) { f.extra = "retry"; }},

    {"month 13", "bad_time", [](Fields& f) { f.time.replace(5, 2, "13"); }},
    {"30 February", "bad_time", [](Fields& f) { f.time.replace(5, 5, "02-30"); }},
    {"day 0", "bad_time", [](Fields& f) { f.time.replace(8, 2, "00"); }},
    {"hour 24", "bad_time", [](Fields& f) { f.time.replace(11, 2, "24"); }},
    {"minute 60", "bad_time", [](Fields& f) { f.time.replace(14, 2, "60"); }},
    {"second 60", "bad_time", [](Fields& f) { f.time.replace(17, 2, "60"); }},
    {"year 1969", "bad_time", [](Fields& f) { f.time.replace(0, 4, "1969"); }},
    {"time without a zone", "bad_time", [](Fields& f) { f.time.pop_back(); }},

    {"control character in the user", "bad_user", [](Fields& f) { f.user.insert(4, 1, '\x01'); }},
    {"CR in the user", "bad_user", [](Fields& f) { f.user.insert(4, 1, '\r'); }},
    {"U+0085 in the user", "bad_user", [](Fields& f) { f.user += "\xc2\x85"; }},
    {"stray byte in the user", "bad_user", [](Fields& f) { f.user += '\xff'; }},
    {"overlong UTF-8 in the user", "bad_user", [](Fields& f) { f.user += "\xc0\xaf"; }},
    {"surrogate in the user", "bad_user", [](Fields& f) { f.user += "\xed\xa0\x80"; }},
    {"cut UTF-8 in the user", "bad_user", [](Fields& f) { f.user += "\xe2\x82"; }},
    {"user of 256 bytes", "bad_user", [](Fields& f) { f.user.resize(kLongestName + 1, 'x'); }},

    {"control character in the task", "bad_task", [](Fields& f) { f.task += '\x7f'; }},
    {"stray byte in the task", "bad_task", [](Fields& f) { f.task.insert(0, 1, '\x80'); }},

    {"status 099", "bad_status", [](Fields& f) { f.status = "099"; }},
    {"status 600", "bad_status", [](Fields& f) { f.status = "600"; }},
    {"status of four digits", "bad_status", [](Fields& f) { f.status += '0'; }},
    {"status that is no number", "bad_status", [](Fields& f) { f.status = "2xx"; }},

    {"duration without ms", "bad_duration",
     [](Fields& f) { f.duration.resize(f.duration.size() - 2); }},
    {"duration of 16 digits", "bad_duration",
     [](Fields& f) { f.duration.insert(0, 16 + 2 - f.duration.size(), '0'); }},
    {"negative duration", "bad_duration", [](Fields& f) { f.duration.insert(0, 1, '-'); }},
    {"fraction of a ms", "bad_duration",
     [](Fields& f) { f.duration.insert(f.duration.size() - 2, ".5"); }},
    {"duration without digits", "bad_duration", [](Fields& f) { f.duration = "ms"; }},
});
static_assert(kKinds.size() <= 255);

std::string take_field(std::string_view& line) {
  const std::size_t size = line.find(' ');
  std::string field{line.substr(0, size)};
  line = size == std::string_view::npos ? std::string_view{} : line.substr(size + 1);
  return field;
}

}  // namespace

std::span<const BadRecordKind> bad_record_kinds() { return kKinds; }

std::string spoil_record(std::string_view good_line, const BadRecordKind& kind) {
  RecordFields fields;
  const auto in_order = {&RecordFields::time,   &RecordFields::user,     &RecordFields::task,
                         &RecordFields::status, &RecordFields::duration, &RecordFields::extra};
  for (const auto field : in_order) fields.*field = take_field(good_line);
  kind.spoil(fields);

  std::string line;
  for (const auto field : in_order) {
    if ((fields.*field).empty()) continue;
    if (!line.empty()) line += ' ';
    line += fields.*field;
  }
  return line;
}

}  // namespace billing
