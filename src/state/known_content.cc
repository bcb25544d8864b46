#include "state/known_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>
#include <utility>

#include "billing/error.h"

namespace billing {

EarlierContent content_of(const SeenContent& seen, std::size_t nth) {
  return nth < seen.earlier.size() ? seen.earlier[nth] : EarlierContent{seen.bytes, seen.hash};
}

void KnownContent::add(std::size_t source, const SeenContent& seen) {
  const std::uint64_t head_bytes = std::min(content_of(seen, 0).bytes, kHeadBytes);
  by_head_[head_bytes][seen.head].push_back(sources_.size());
  sources_.push_back({source, &seen});
}

/// One file against all of them, by rising lengths: a source whose next length is something else in
/// the file is done with.
class KnownContent::Comparison {
 public:
  Comparison(const std::vector<Source>& sources, PrefixHasher& file, std::uint64_t size)
      : sources_(sources), file_(file), size_(size) {}

  /// Sources that the file's first `bytes` bytes are the head of.
  void begin_with(std::uint64_t bytes, const SourcesByHead& by_hash) {
    const auto found = by_hash.find(file_.of_first(bytes));
    if (found == by_hash.end()) return;
    for (const std::size_t source : found->second) await(source, 0);
  }

  /// Looks at all lengths below `bytes`.
  void go_on_to(std::uint64_t bytes) {
    while (!awaited_.empty() && awaited_.top().bytes < bytes) {
      const std::uint64_t next = awaited_.top().bytes;
      const ContentHash hash = file_.of_first(next);
      while (!awaited_.empty() && awaited_.top().bytes == next) {
        const Awaited at = awaited_.top();
        awaited_.pop();
        if (content_of(*sources_[at.source].seen, at.nth).hash != hash) continue;
        longest_[at.source] = at.nth;
        await(at.source, at.nth + 1);
      }
    }
  }

  std::vector<Match> matches() const {
    std::vector<Match> matches;
    for (const auto& [source, nth] : longest_) {
      const SeenContent& seen = *sources_[source].seen;
      matches.push_back(
          {sources_[source].name, content_of(seen, nth).bytes, nth == seen.earlier.size()});
    }
    return matches;
  }

 private:
  struct Awaited {
    std::uint64_t bytes;
    std::size_t source;
    std::size_t nth;
    bool operator>(const Awaited& other) const { return bytes > other.bytes; }
  };

  void await(std::size_t source, std::size_t nth) {
    const SeenContent& seen = *sources_[source].seen;
    if (nth > seen.earlier.size()) return;
    const std::uint64_t bytes = content_of(seen, nth).bytes;
    if (bytes <= size_) awaited_.push({bytes, source, nth});
  }

  const std::vector<Source>& sources_;
  PrefixHasher& file_;
  std::uint64_t size_;
  std::priority_queue<Awaited, std::vector<Awaited>, std::greater<>> awaited_;
  std::map<std::size_t, std::size_t> longest_;  // nth, by source
};

std::vector<KnownContent::Match> KnownContent::starts_of(PrefixHasher& file,
                                                         std::uint64_t size) const {
  Comparison comparison(sources_, file, size);
  for (const auto& [bytes, by_hash] : by_head_) {
    if (bytes > size) break;
    comparison.go_on_to(bytes);
    comparison.begin_with(bytes, by_hash);
  }
  comparison.go_on_to(size + 1);
  return comparison.matches();
}

std::vector<KnownContent::Match> KnownContent::equal_to(std::uint64_t bytes,
                                                        const ContentHash& hash) const {
  std::vector<Match> matches;
  for (const Source& source : sources_) {
    const SeenContent& seen = *source.seen;
    if (bytes > seen.bytes) continue;
    const auto earlier = std::lower_bound(
        seen.earlier.begin(), seen.earlier.end(), bytes,
        [](const EarlierContent& content, std::uint64_t than) { return content.bytes < than; });
    const EarlierContent content =
        content_of(seen, static_cast<std::size_t>(earlier - seen.earlier.begin()));
    if (content.bytes == bytes && content.hash == hash)
      matches.push_back({source.name, bytes, earlier == seen.earlier.end()});
  }
  return matches;
}

bool KnownContent::may_start(PrefixHasher& file, std::uint64_t size) const {
  return std::any_of(by_head_.begin(), by_head_.end(), [&](const auto& of_length) {
    return of_length.first <= size && of_length.second.contains(file.of_first(of_length.first));
  });
}

std::vector<std::size_t> KnownContent::with_head(const ContentHash& head) const {
  std::vector<std::size_t> names;
  const auto by_hash = by_head_.find(kHeadBytes);
  if (by_hash == by_head_.end()) return names;
  const auto found = by_hash->second.find(head);
  if (found == by_hash->second.end()) return names;
  for (const std::size_t source : found->second) names.push_back(sources_[source].name);
  return names;
}

void KnownLogsMemory::add_log(std::uint64_t name_bytes, std::uint64_t last_line_bytes) {
  constexpr std::uint64_t kLogBytes = 2000;
  add(kLogBytes + name_bytes + 4 * last_line_bytes);  // planned, listed, metered, written
}

void KnownLogsMemory::add_earlier_length() {
  add(2 * sizeof(EarlierContent));  // twice for a moment, when the list grows
}

void KnownLogsMemory::add(std::uint64_t bytes) {
  bytes_ += bytes;
  if (bytes_ <= max_bytes_) return;
  throw Error(ErrorKind::run,
              fmt::format("what \1state knows of logs (each one, each length at which it was read, "
                          "last lines without an end) takes more than {} MB, a quarter of the "
                          "memory limit; raise \1memory-limit, or give groups of logs states of "
                          "their own",
                          max_bytes_ / 1'000'000));
}

}  // namespace billing
