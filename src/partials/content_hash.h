#pragma once

// What a file is, whatever it is called.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace billing {

/// XXH3-128 with a secret, its low half first.
using ContentHash = std::array<std::uint64_t, 2>;

/// Random bytes that belong to one state. Logs hold what strangers send: without the secret nobody
/// can choose bytes whose hash is that of a log which has been billed. Never shown to anyone.
using ContentSecret = std::array<char, 192>;

/// Takes it from the system's randomness. Throws Error(run) where there is none.
ContentSecret make_content_secret();

/// Hashes the beginnings of files, one file after another, each read once from its start. One
/// thread.
class PrefixHasher {
 public:
  /// `secret` must outlive the hasher. `checkpoint` is called now and then; what it throws passes
  /// through.
  PrefixHasher(const ContentSecret& secret, std::function<void()> checkpoint);
  ~PrefixHasher();

  /// From now on bytes count from `begin_bytes` of `fd`, which must stay open; messages call the
  /// file `name`.
  void begin(int fd, const std::string& name, std::uint64_t begin_bytes = 0);

  /// The same of what `read` gives, from now on: some of the next bytes, 0 at the end.
  using ReadBytes = std::function<std::size_t(std::span<char> room)>;
  void begin(ReadBytes read, const std::string& name);

  /// The hash of the first `bytes` bytes, no fewer than in the last call. Throws Error(run) that
  /// names the file where it cannot be read that far.
  ContentHash of_first(std::uint64_t bytes);

  /// The hash of everything up to the end, and how much that is.
  std::pair<ContentHash, std::uint64_t> of_all();

 private:
  struct State;
  void restart(const std::string& name);
  bool read_more();
  void hash_more(std::size_t bytes);
  ContentHash digest() const;

  std::unique_ptr<State> state_;
  const ContentSecret& secret_;
  std::function<void()> checkpoint_;
  int fd_ = -1;
  ReadBytes read_;  // in place of the descriptor
  std::string name_;
  std::uint64_t begin_bytes_ = 0;
  std::uint64_t hashed_bytes_ = 0;
  std::uint64_t read_bytes_ = 0;     // so many have been read, the last of them into buffer_
  std::size_t next_read_bytes_ = 0;  // grows: often the first few are all that is wanted
  std::unique_ptr<char[]> buffer_;   // what is read and not hashed begins at buffer_used_
  std::size_t buffer_used_ = 0;
};

}  // namespace billing
