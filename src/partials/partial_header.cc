#include "partials/partial_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <limits>

#include "base/byte_codec.h"
#include "base/civil_time.h"
#include "base/escape_text.h"
#include "base/split_list.h"
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
// Later ones, which are left out where they have their defaults.
constexpr const char* kUnit = "unit";
constexpr const char* kDigits = "quantity-digits";
constexpr const char* kNegative = "negative";
constexpr const char* kSplit = "split";
constexpr const char* kWhere = "where";
constexpr const char* kDedupeBy = "dedupe-by";
constexpr const char* kDedupeKeep = "dedupe-keep";
constexpr const char* kDedupeMissing = "dedupe-missing";

constexpr std::array kFirstOptions = {kGroupBy, kCycle, kTimezone, kAnchorDay,
                                      kSince,   kUntil, kStatus};
constexpr std::array kLaterOptions = {kUnit,  kDigits,   kNegative,   kSplit,
                                      kWhere, kDedupeBy, kDedupeKeep, kDedupeMissing};

constexpr const char* kAllowed = "allow";
constexpr const char* kLargest = "largest";
constexpr const char* kKept = "keep";
constexpr const char* kNoneOfThem = "none";

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
  return text.empty() ? kNoneOfThem : text;
}

/// Null where it is not there.
const std::string* find(const std::vector<NamedOption>& options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [name](const NamedOption& o) { return o.first == name; });
  return found == options.end() ? nullptr : &found->second;
}

const std::string& value_of(const std::vector<NamedOption>& options, std::string_view name) {
  if (const std::string* const value = find(options, name)) return *value;
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
  if (ranges == kNoneOfThem) return statuses;
  for (const std::string_view range : split_list(ranges)) {
    const std::size_t dash = std::min(range.find('-'), range.size());
    const auto first = number_in<std::uint16_t>(kStatus, range.substr(0, dash));
    const auto last =
        dash == range.size() ? first : number_in<std::uint16_t>(kStatus, range.substr(dash + 1));
    for (std::size_t status = first; status <= last && status < statuses.size(); ++status)
      statuses.set(status);
  }
  return statuses;
}

/// As files call it.
std::string_view name_of(RowKind kind) { return kind == RowKind::events ? "events" : "sums"; }

EventFilter filter_in(const std::vector<NamedOption>& options) {
  EventFilter filter;
  const std::string& since = value_of(options, kSince);
  const std::string& until = value_of(options, kUntil);
  if (!since.empty()) filter.since_ns = number_in<std::int64_t>(kSince, since);
  if (!until.empty()) filter.until_ns = number_in<std::int64_t>(kUntil, until);
  const std::string& ranges = value_of(options, kStatus);
  if (!ranges.empty()) filter.statuses = statuses_in(ranges);
  return filter;
}

bool is_unit(std::string_view text) {
  constexpr std::size_t kMaxUnitBytes = 16;
  const auto is_part = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && text.size() <= kMaxUnitBytes &&
         std::all_of(text.begin(), text.end(), is_part);
}

QuantityRules quantity_in(const std::vector<NamedOption>& options) {
  QuantityRules rules;
  if (const std::string* const unit = find(options, kUnit)) {
    if (!is_unit(*unit)) throw Error(ErrorKind::configuration, "its unit is " + quoted_text(*unit));
    rules.unit = *unit;
  }
  if (const std::string* const digits = find(options, kDigits)) {
    rules.digits = number_in<int>(kDigits, *digits);
    if (rules.digits < 0 || rules.digits > kMaxQuantityDigits)
      throw Error(ErrorKind::configuration, "its quantity-digits are " + quoted_text(*digits));
  }
  const std::string* const negative = find(options, kNegative);
  rules.negative = negative != nullptr && *negative == kAllowed;
  return rules;
}

std::vector<std::int64_t> splits_in(const std::vector<NamedOption>& options) {
  std::vector<std::int64_t> splits_ns;
  const std::string* const split = find(options, kSplit);
  if (split == nullptr) return splits_ns;
  for (const std::string_view instant : split_list(*split)) {
    splits_ns.push_back(number_in<std::int64_t>(kSplit, instant));
    if (splits_ns.size() > 1 && splits_ns.back() <= splits_ns[splits_ns.size() - 2])
      throw Error(ErrorKind::configuration, "its splits do not rise");
  }
  return splits_ns;
}

std::string text_of(const std::vector<std::int64_t>& instants_ns) {
  std::string text;
  for (const std::int64_t instant : instants_ns)
    text += (text.empty() ? "" : ",") + std::to_string(instant);
  return text;
}

std::vector<std::string> where_in(const std::vector<NamedOption>& options) {
  const std::string* const where = find(options, kWhere);
  if (where == nullptr) return {};
  return {*where};
}

DedupeSettings dedupe_in(const std::vector<NamedOption>& options) {
  DedupeSettings dedupe;
  const auto is = [&options](const char* name, std::string_view wanted) {
    const std::string* const value = find(options, name);
    return value != nullptr && *value == wanted;
  };
  if (const std::string* const by = find(options, kDedupeBy)) dedupe.by = *by;
  dedupe.keeps_largest = is(kDedupeKeep, kLargest);
  dedupe.keeps_missing = is(kDedupeMissing, kKept);
  return dedupe;
}

/// What a later option that is left out stands for.
std::string default_of(std::string_view option) {
  const QuantityRules usual;
  if (option == kUnit) return usual.unit;
  if (option == kDigits) return std::to_string(usual.digits);
  if (option == kDedupeKeep) return "smallest";
  if (option == kDedupeMissing) return "reject";
  return option == kNegative ? "refuse" : "none";
}

template <class Names>
bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string shown_time(std::string_view option, std::string_view number) {
  std::string time;
  append_timestamp(number_in<std::int64_t>(option, number), time);
  return time;
}

/// As people write it.
std::string shown_value(const NamedOption& option) {
  const auto& [name, value] = option;
  const bool is_time = name == kSince || name == kUntil || name == kSplit;
  if (value.empty() || !is_time) return value;
  std::string shown;
  for (const std::string_view instant : split_list(value))
    shown += (shown.empty() ? "" : ",") + shown_time(name, instant);
  return shown;
}

}  // namespace

InputTotals PartialHeader::totals() const {
  InputTotals all;
  for (const PartialInput& input : inputs) all += input.totals;
  return all;
}

std::vector<NamedOption> named_options(const UsageOptions& options) {
  using Limits = std::numeric_limits<std::int64_t>;
  const auto& [group_by, cycles, filter, splits_ns, quantity, where, dedupe] = options;
  std::vector<NamedOption> named = {
      {kGroupBy, group_by_text(group_by)},
      {kCycle, cycles.policy},
      {kTimezone, cycles.timezone},
      {kAnchorDay, cycles.anchor_day ? std::to_string(*cycles.anchor_day) : ""},
      {kSince, text_of_instant(filter.since_ns, Limits::min())},
      {kUntil, text_of_instant(filter.until_ns, Limits::max())},
      {kStatus, text_of(filter.statuses)}};
  const QuantityRules usual;
  if (quantity.unit != usual.unit) named.emplace_back(kUnit, quantity.unit);
  if (quantity.digits != usual.digits) named.emplace_back(kDigits, std::to_string(quantity.digits));
  if (quantity.negative) named.emplace_back(kNegative, kAllowed);
  if (!splits_ns.empty()) named.emplace_back(kSplit, text_of(splits_ns));
  if (!where.empty()) named.emplace_back(kWhere, joined_where(where));
  if (dedupe.by.empty()) return named;
  named.emplace_back(kDedupeBy, dedupe.by);
  if (dedupe.keeps_largest) named.emplace_back(kDedupeKeep, kLargest);
  if (dedupe.keeps_missing) named.emplace_back(kDedupeMissing, kKept);
  return named;
}

UsageOptions usage_options(const std::vector<NamedOption>& named) {
  for (const auto& [name, value] : named) {
    if (has(kFirstOptions, name) || has(kLaterOptions, name)) continue;
    throw Error(ErrorKind::configuration,
                fmt::format("this program does not know \1{} ({}); use a newer one",
                            escaped_text(std::string_view(name).substr(0, 100)),
                            quoted_text(std::string_view(value).substr(0, 100))));
  }
  CycleSettings cycles{value_of(named, kCycle), value_of(named, kTimezone), std::nullopt};
  const std::string& day = value_of(named, kAnchorDay);
  if (!day.empty()) cycles.anchor_day = number_in<int>(kAnchorDay, day);
  UsageOptions options{parse_group_by(value_of(named, kGroupBy)),
                       std::move(cycles),
                       filter_in(named),
                       splits_in(named),
                       quantity_in(named),
                       where_in(named),
                       dedupe_in(named)};
  // One way of writing them, so that equal options are equal text.
  if (named_options(options) != named)
    throw Error(ErrorKind::configuration, "they are not in canonical form");
  return options;
}

std::string joined_where(const std::vector<std::string>& expressions) {
  if (expressions.size() == 1) return expressions.front();
  std::string joined;
  for (const std::string& expression : expressions)
    joined += (joined.empty() ? "(" : " and (") + expression + ")";
  return joined;
}

void check(const UsageOptions& options) {
  constexpr std::size_t kMaxWhereBytes = std::size_t{32} << 10;  // of a header's 64 KiB
  constexpr std::size_t kMaxKeyBytes = std::size_t{16} << 10;
  const std::vector<NamedOption> named = named_options(options);
  const std::string* const where = find(named, kWhere);
  if (where != nullptr && where->size() > kMaxWhereBytes)
    throw Error(ErrorKind::configuration, "\1where: more than 32 KiB of expressions");
  if (options.dedupe.by.size() > kMaxKeyBytes)
    throw Error(ErrorKind::configuration, "\1dedupe-by: more than 16 KiB of fields");
  usage_options(named);
}

std::vector<NamedOption> shown_options(const UsageOptions& options) {
  std::vector<NamedOption> shown = named_options(options);
  for (NamedOption& option : shown) option.second = shown_value(option);
  return shown;
}

std::string describe_difference(const UsageOptions& a_options, const std::string& a_name,
                                const UsageOptions& b_options, const std::string& b_name) {
  const std::vector<NamedOption> a = named_options(a_options);
  const std::vector<NamedOption> b = named_options(b_options);
  std::string text;
  const auto shown = [](const std::vector<NamedOption>& options, const char* name) {
    const std::string* const value = find(options, name);
    return escaped_text(value == nullptr ? default_of(name)
                        : value->empty() ? "none"
                                         : shown_value({name, *value}));
  };
  const auto compare = [&](const char* name) {
    const std::string* const one = find(a, name);
    const std::string* const other = find(b, name);
    if (one == other || (one != nullptr && other != nullptr && *one == *other)) return;
    text += fmt::format("{}\1{}: {} in {}, {} in {}", text.empty() ? "" : "\n", name,
                        shown(a, name), quoted_text(a_name), shown(b, name), quoted_text(b_name));
  };
  for (const char* const name : kFirstOptions) compare(name);
  for (const char* const name : kLaterOptions) compare(name);
  return text;
}

std::string encode_header(const DecodedHeader& header) {
  std::string out;
  append_string(out, name_of(header.rows));
  append_varint(out, header.options.size());
  for (const auto& [name, value] : header.options) {
    append_string(out, name);
    append_string(out, value);
  }
  append_varint(out, header.state ? 1 : 0);
  if (header.state) {
    append_varint(out, header.state->runs);
    out.append(header.state->secret.data(), header.state->secret.size());
  }
  return out;
}

std::optional<DecodedHeader> decode_header(std::string_view payload) {
  DecodedHeader header;
  ByteReader bytes(payload);
  const std::string_view kind = bytes.string();
  if (kind == name_of(RowKind::events)) {
    header.rows = RowKind::events;
  } else if (!bytes.failed() && kind != name_of(RowKind::sums)) {
    throw Error(ErrorKind::configuration, "this program does not know rows of the kind " +
                                              quoted_text(kind) + "; use a newer one");
  }
  const std::uint64_t count = bytes.varint();
  for (std::uint64_t i = 0; i < count && !bytes.failed(); ++i) {
    std::string name(bytes.string());
    header.options.emplace_back(std::move(name), bytes.string());
  }
  if (bytes.varint() == 1) {
    StateIdentity& state = header.state.emplace();
    state.runs = bytes.varint();
    const std::string_view secret = bytes.bytes(state.secret.size());
    std::copy(secret.begin(), secret.end(), state.secret.begin());
  }
  // One way of writing it, so that nothing hides in another.
  if (bytes.failed() || encode_header(header) != payload) return std::nullopt;
  return header;
}

}  // namespace billing
