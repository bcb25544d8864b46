#pragma once

// Content that has been read, at every length at which it was, and the files that begin with it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "partials/content_hash.h"
#include "partials/partial_input.h"

namespace billing {

/// What a log held when it was read for the nth time, from 0.
EarlierContent content_of(const SeenContent& seen, std::size_t nth);

/// All content that a file is compared with. A file is hashed only at lengths of content that
/// begins as it does, so a comparison does not cost more where more is known. One thread.
class KnownContent {
 public:
  /// Known content that a file begins with.
  struct Match {
    std::size_t source = 0;
    std::uint64_t bytes = 0;  ///< the longest of its lengths that the file begins with
    bool is_whole = false;    ///< nothing longer is known of the source
  };

  bool is_empty() const { return sources_.empty(); }
  /// `seen` must outlive this object; `source` is the caller's name for it.
  void add(std::size_t source, const SeenContent& seen);

  /// All sources that have a length at which the next `size` bytes of `file` begin with them.
  std::vector<Match> starts_of(PrefixHasher& file, std::uint64_t size) const;

  /// All sources of which a length is exactly this content.
  std::vector<Match> equal_to(std::uint64_t bytes, const ContentHash& hash) const;

  /// False where no source is what a file of `size` bytes begins with: by its head alone.
  bool may_start(PrefixHasher& file, std::uint64_t size) const;

  /// All sources whose first kHeadBytes have this hash.
  std::vector<std::size_t> with_head(const ContentHash& head) const;

 private:
  struct Source {
    std::size_t name;
    const SeenContent* seen;
  };
  /// Places in sources_, by the hash of the source's head.
  using SourcesByHead = std::map<ContentHash, std::vector<std::size_t>>;
  class Comparison;

  std::vector<Source> sources_;
  /// By the length of the head: kHeadBytes, or the first length where that is less.
  std::map<std::uint64_t, SourcesByHead> by_head_;
};

/// What a state knows of logs, while it is in memory: each of them is listed, compared and
/// reported. One thread.
class KnownLogsMemory {
 public:
  explicit KnownLogsMemory(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  /// Both throw Error(run) that says what to do where it becomes too much.
  void add_log(std::uint64_t name_bytes, std::uint64_t last_line_bytes);
  void add_earlier_length();

 private:
  void add(std::uint64_t bytes);

  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;
};

}  // namespace billing
