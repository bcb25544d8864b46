#pragma once

// Compressed bytes as a stream of what they hold, in bounded memory.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "billing/error.h"
#include "decompress/compression.h"

namespace billing {

/// The compressed bytes cannot be what was once compressed, or need more memory than they may have.
/// Says what and where, as in `is damaged at compressed byte 1,234: the checksum does not match`;
/// whoever knows the input's name puts it in front.
class DecompressionError : public Error {
 public:
  explicit DecompressionError(const std::string& what) : Error(ErrorKind::run, what) {}
};

/// Fills some of a room with the next compressed bytes; 0 at their end, after which it is not
/// called again. What it throws passes through.
using PullBytes = std::function<std::size_t(std::span<char> room)>;

/// The memory for a window of zstd: the most that its command allows, too, unless told otherwise.
inline constexpr std::uint64_t kMaxWindowBytes = std::uint64_t{128} << 20;

/// All members of a gzip input, or all frames of a zstd input, one behind the other. Checksums and
/// lengths are verified where the format has them: gzip always, zstd as the writer chose.
///
/// Memory: 256 KiB of compressed bytes and the state of the library: about 100 KiB for gzip; for
/// zstd about 300 KiB and the window that the writer chose, within what is allowed. What the bytes
/// expand to takes time, not memory.
///
/// One thread at a time. After an exception only the destructor may follow.
class Decompressor {
 public:
  virtual ~Decompressor() = default;
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  /// Fills `out`, less only at the end; 0 behind it. Throws DecompressionError where the bytes are
  /// damaged, end too early, or are followed by others that are not compressed alike. What was
  /// decompressed before is lost then: it is of no use.
  std::size_t read(std::span<char> out);

  /// Compressed bytes that were used so far; all of them at the end.
  std::uint64_t compressed_bytes() const { return compressed_bytes_; }
  /// Bytes that read() has given.
  std::uint64_t bytes() const { return bytes_; }

 protected:
  explicit Decompressor(PullBytes pull);

  struct Step {
    std::size_t used;  ///< of the compressed bytes
    std::size_t made;  ///< in `out`
  };

  /// Goes on with `in`, which may be empty, into `out`, which is not. Uses none and makes none only
  /// behind a member, or where it cannot go on without more bytes.
  virtual Step decompress(std::span<const char> in, std::span<char> out) = 0;

  /// Whether the input may end here: behind a member, and all of that has been made.
  virtual bool is_between_members() const = 0;

  /// `used`: bytes of the current step that were understood.
  [[noreturn]] void fail_as_damaged(std::size_t used, const std::string& why) const;

 private:
  void pull();

  PullBytes pull_;
  std::vector<char> buffer_;
  std::span<const char> pending_;  ///< in the buffer: not used yet
  bool at_input_end_ = false;
  std::uint64_t compressed_bytes_ = 0;
  std::uint64_t bytes_ = 0;
};

/// `compression` is gzip or zstd. A window of zstd beyond `max_window_bytes` (at least 1 KiB;
/// powers of two count) is an error that says what to do.
std::unique_ptr<Decompressor> make_decompressor(Compression compression, PullBytes pull,
                                                std::uint64_t max_window_bytes = kMaxWindowBytes);

std::unique_ptr<Decompressor> make_gzip_decompressor(PullBytes pull);
std::unique_ptr<Decompressor> make_zstd_decompressor(PullBytes pull,
                                                     std::uint64_t max_window_bytes);

}  // namespace billing
