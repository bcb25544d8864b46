#include "partials/partial_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <limits>

#include "base/byte_codec.h"
#include "base/civil_time.h"
#include "base/escape_text.h"
#include "base/utf8.h"
#include "billing/error.h"

namespace billing {
namespace {

constexpr const char* kGroupBy = "group-by";
constexpr const char* kCycle = "cycle";
constexpr const char* kTimezone = "timezone";
constexpr const char* kAnchorDay = "anchor-day";
constexpr const char* kSince = "since";
constexpr const char* kUntil = "until";
constexpr const char* kStatus = "status";
constexpr std::uint64_t kOptions = 7;
constexpr const char* kNoStatus = "none";

std::string text_of(const GroupBy& group_by) {
  std::string text;
  const auto add = [&text](bool kept, const char* part) {
    if (kept) text += (text.empty() ? "" : ",") + std::string(part);
  };
  add(group_by.user, "user");
  add(group_by.cycle, "cycle");
  add(group_by.task, "task");
  return text;
}

std::string text_of_instant(std::int64_t time_ns, std::int64_t none) {
  return time_ns == none ? "" : std::to_string(time_ns);
}

/// `200-299,404`.
std::string text_of(const StatusSet& statuses) {
  std::string text;
  if (statuses.all()) return text;
  for (std::size_t begin = 0; begin < statuses.size();) {
    std::size_t end = begin;
    while (end < statuses.size() && statuses[end]) ++end;
    if (end > begin) {
      text += (text.empty() ? "" : ",") + std::to_string(begin);
      if (end > begin + 1) text += "-" + std::to_string(end - 1);
    }
    begin = end + 1;
  }
  return text.empty() ? kNoStatus : text;
}

const std::string& value_of(const std::vector<NamedOption>& options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [name](const NamedOption& o) { return o.first == name; });
  if (found != options.end()) return found->second;
  throw Error(ErrorKind::configuration, "it does not say its " + std::string(name));
}

template <class Number>
Number number_in(std::string_view option, std::string_view text) {
  Number number = 0;
  const char* const text_end = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data(), text_end, number);
  if (failure == std::errc() && end == text_end) return number;
  throw Error(ErrorKind::configuration, "its " + std::string(option) + " is " + quoted_text(text));
}

/// `200-299,404`, or `none`.
StatusSet statuses_in(std::string_view ranges) {
  StatusSet statuses;
  if (ranges == kNoStatus) return statuses;
  for (std::size_t begin = 0; begin <= ranges.size();) {
    const std::size_t end = std::min(ranges.find(',', begin), ranges.size());
    const std::string_view range = ranges.substr(begin, end - begin);
    const std::size_t dash = std::min(range.find('-'), range.size());
    const auto first = number_in<std::uint16_t>(kStatus, range.substr(0, dash));
    const auto last =
        dash == range.size() ? first : number_in<std::uint16_t>(kStatus, range.substr(dash + 1));
    if (first < kMinStatus)
      throw Error(ErrorKind::configuration, "its status is " + quoted_text(range));
    for (std::size_t status = first; status <= last && status < statuses.size(); ++status)
      statuses.set(status);
    begin = end + 1;
  }
  return statuses;
}

/// Reads a number, at most `most`, and so many items, of which each has at least one byte.
template <class ReadItem>
void read_list(ByteReader& bytes, std::uint64_t most, const ReadItem& read_item) {
  const std::uint64_t count = bytes.varint();
  if (count > bytes.left() || count > most) bytes.fail();
  for (std::uint64_t i = 0; i < count && !bytes.failed(); ++i) read_item();
}

}  // namespace

bool balances(const std::vector<PartialInput>& inputs) {
  constexpr Uint128 kMost = std::numeric_limits<std::uint64_t>::max();
  constexpr Uint128 kMostQuantity = ~Uint128{0} >> 1;
  Uint128 records = 0;
  Uint128 bytes = 0;
  Uint128 quantity = 0;
  for (const PartialInput& input : inputs) {
    const InputTotals& totals = input.totals;
    Uint128 found = Uint128{totals.accepted} + totals.filtered + totals.blank;
    for (const std::uint64_t rejected : totals.rejected) found += rejected;
    records += totals.records;
    bytes += totals.bytes;
    if (found != totals.records || totals.accepted_quantity > kMostQuantity) return false;
    quantity += totals.accepted_quantity;
    if (records > kMost || bytes > kMost || quantity > kMostQuantity) return false;
  }
  return true;
}

InputTotals PartialHeader::totals() const {
  InputTotals all;
  for (const PartialInput& input : inputs) all += input.totals;
  return all;
}

std::vector<NamedOption> usage_options(const GroupBy& group_by, const CycleSettings& cycles,
                                       const EventFilter& filter) {
  using Limits = std::numeric_limits<std::int64_t>;
  return {{kGroupBy, text_of(group_by)},
          {kCycle, cycles.policy},
          {kTimezone, cycles.timezone},
          {kAnchorDay, cycles.anchor_day ? std::to_string(*cycles.anchor_day) : ""},
          {kSince, text_of_instant(filter.since_ns, Limits::min())},
          {kUntil, text_of_instant(filter.until_ns, Limits::max())},
          {kStatus, text_of(filter.statuses)}};
}

GroupBy group_by_of(const std::vector<NamedOption>& options) {
  return parse_group_by(value_of(options, kGroupBy));
}

CycleSettings cycles_of(const std::vector<NamedOption>& options) {
  CycleSettings cycles{value_of(options, kCycle), value_of(options, kTimezone), std::nullopt};
  const std::string& day = value_of(options, kAnchorDay);
  if (!day.empty()) cycles.anchor_day = number_in<int>(kAnchorDay, day);
  return cycles;
}

EventFilter filter_of(const std::vector<NamedOption>& options) {
  EventFilter filter;
  const std::string& since = value_of(options, kSince);
  const std::string& until = value_of(options, kUntil);
  if (!since.empty()) filter.since_ns = number_in<std::int64_t>(kSince, since);
  if (!until.empty()) filter.until_ns = number_in<std::int64_t>(kUntil, until);
  const std::string& ranges = value_of(options, kStatus);
  if (!ranges.empty()) filter.statuses = statuses_in(ranges);
  return filter;
}

std::string shown_value(const NamedOption& option) {
  const auto& [name, value] = option;
  if (value.empty() || (name != kSince && name != kUntil)) return value;
  std::string time;
  append_timestamp(number_in<std::int64_t>(name, value), time);
  return time;
}

std::string describe_difference(const std::vector<NamedOption>& a, const std::string& a_name,
                                const std::vector<NamedOption>& b, const std::string& b_name) {
  std::string text;
  const auto shown = [](const NamedOption& option) {
    return option.second.empty() ? "none" : shown_value(option);
  };
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const NamedOption nothing;
    const NamedOption& one = i < a.size() ? a[i] : nothing;
    const NamedOption& other = i < b.size() ? b[i] : nothing;
    if (one == other) continue;
    std::string option, first, second;
    append_escaped(option, one.first.empty() ? other.first : one.first);
    append_escaped(first, shown(one));
    append_escaped(second, shown(other));
    text += fmt::format("{}--{}: {} in {}, {} in {}", text.empty() ? "" : "\n", option, first,
                        quoted_text(a_name), second, quoted_text(b_name));
  }
  return text;
}

std::string encode(const PartialHeader& header) {
  std::string out;
  append_varint(out, header.events ? 1 : 0);
  append_varint(out, header.options.size());
  for (const auto& [name, value] : header.options) {
    append_string(out, name);
    append_string(out, value);
  }
  append_varint(out, header.tasks.size());
  for (const std::string& task : header.tasks) append_string(out, task);
  std::vector<std::pair<std::string, std::string>> inputs;  // by name, encoded
  for (const PartialInput& input : header.inputs) {
    inputs.emplace_back(input.name, "");
    append_input(inputs.back().second, input);
  }
  std::sort(inputs.begin(), inputs.end());
  append_varint(out, inputs.size());
  for (const auto& [name, bytes] : inputs) out += bytes;
  return out;
}

std::optional<PartialHeader> decode_partial_header(std::string_view payload) {
  PartialHeader header;
  ByteReader bytes(payload);
  const std::uint64_t events = bytes.varint();
  header.events = events == 1;
  read_list(bytes, kOptions, [&] {
    std::string name(bytes.string());
    header.options.emplace_back(std::move(name), bytes.string());
  });
  read_list(bytes, bytes.left(), [&] { header.tasks.emplace_back(bytes.string()); });
  read_list(bytes, bytes.left(), [&] { header.inputs.push_back(read_input(bytes)); });
  const auto unordered = std::adjacent_find(header.tasks.begin(), header.tasks.end(),
                                            [](const auto& a, const auto& b) { return a >= b; });
  if (bytes.failed() || !bytes.at_end() || events > 1 || unordered != header.tasks.end() ||
      !std::all_of(header.tasks.begin(), header.tasks.end(), is_whole_name) ||
      !balances(header.inputs)) {
    return std::nullopt;
  }
  // One way of writing it, so that nothing hides in another.
  if (encode(header) != payload) return std::nullopt;
  return header;
}

}  // namespace billing
