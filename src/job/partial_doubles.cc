#include "job/partial_doubles.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/cycle_policy.h"
#include "billing/error.h"

namespace billing {
namespace {

using Group = std::vector<const PartialFile*>;

/// In the order in which the second of each comes.
std::vector<Group> groups_of_equals(std::span<const PartialFile> partials) {
  using Said = std::pair<std::uint64_t, std::uint64_t>;  // checksum of what it says, and its size
  std::map<Said, Group> alike;
  std::vector<Said> in_order;
  for (const PartialFile& partial : partials) {
    // A record that has a key is billed once, whatever holds it.
    const std::uint64_t with_keys =
        partial.records ? partial.records->totals.records - partial.records->without_key : 0;
    if (partial.totals.accepted == with_keys) continue;
    const Said said{partial.rows.before_rows.value(), partial.size_bytes};
    Group& group = alike[said];
    group.push_back(&partial);
    if (group.size() == 2) in_order.push_back(said);
  }
  std::vector<Group> groups;
  groups.reserve(in_order.size());
  for (const Said& said : in_order) groups.push_back(std::move(alike[said]));
  return groups;
}

std::string describe(const Group& group) {
  const auto name = [&group](std::size_t i) { return quoted_text(group[i]->rows.bytes->name()); };
  if (group.size() == 2) {
    return name(0) + " and " + name(1) +
           " describe themselves identically: if one is a copy of the other, its calls are billed "
           "twice";
  }
  return listed(group.size(), group.size(),
                [&name](std::string& out, std::size_t i) { out += name(i); }) +
         " describe themselves identically: if they are copies, their calls are billed several "
         "times";
}

/// Where one of several partials that keep records with keys also holds usage whose keys were
/// forgotten, nobody can tell whether others hold the same calls. Else empty.
std::string describe_forgotten_keys(std::span<const PartialFile> partials) {
  const auto has_forgotten = [](const PartialFile& partial) {
    return partial.records && partial.has_rows;
  };
  const auto first = std::find_if(partials.begin(), partials.end(), has_forgotten);
  if (partials.size() < 2 || first == partials.end()) return {};
  return quoted_text(first->rows.bytes->name()) +
         " holds usage whose keys were forgotten (\1dedupe-window): it is billed in full, also "
         "where another partial holds the same calls";
}

}  // namespace

void refuse_overlaps(InputOverlaps& overlaps, std::span<const PartialFile> partials,
                     std::size_t most_bytes, const std::function<void()>& checkpoint) {
  if (overlaps.memory_bytes() > most_bytes) {
    throw Error(ErrorKind::run,
                "the pieces of inputs in these partials do not fit into a quarter of the memory "
                "limit; raise \1memory-limit, or merge some of the partials first");
  }
  if (overlaps.has_pieces() && overlaps.found().empty()) {
    PartialSink sink;
    sink.input = [&overlaps](const PartialInput& input) { overlaps.compare(input); };
    for (const PartialFile& partial : partials)
      read_partial(partial.rows.bytes, make_cycle_policy, sink, checkpoint);
  }
  if (overlaps.found().empty()) return;
  throw Error(ErrorKind::run,
              overlaps.found() +
                  ": their records would count twice; leave out the partials that hold them "
                  "already");
}

std::vector<std::string> describe_doubles(std::span<const PartialFile> partials) {
  const std::vector<Group> groups = groups_of_equals(partials);
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < std::min(groups.size(), kMaxListed); ++i)
    sentences.push_back(describe(groups[i]));
  if (groups.size() > kMaxListed) {
    sentences.push_back("and " + grouped(groups.size() - kMaxListed) +
                        " more groups of partials that describe themselves identically");
  }
  std::string forgotten = describe_forgotten_keys(partials);
  if (!forgotten.empty()) sentences.push_back(std::move(forgotten));
  return sentences;
}

}  // namespace billing
