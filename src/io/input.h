#pragma once

// Inputs: files that are mapped; compressed files, pipes and special files, which are read.

#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decompress/compression.h"
#include "decompress/decompressor.h"
#include "io/file_identity.h"
#include "io/first_bytes.h"
#include "io/unique_fd.h"

struct stat;

namespace billing {

class Mapping;

/// One input. There may be more of them than a process may have descriptors: then a file that a
/// path leads to is looked at first, and opened when its turn comes. It must still be the same
/// file; whether it has grown or was written to meanwhile is_unchanged() tells. While inputs are
/// few, all of them stay open, and pipes, devices and standard input always do.
///
/// Movable. Threads: one at a time, but bytes() of a mapped input may be read by many.
class Input {
 public:
  /// An input that is open, and stays so.
  Input(std::string name, UniqueFd fd);
  /// The file at `path`, as `fd` shows it, which is closed.
  static Input at_path(const std::string& path, UniqueFd fd);
  /// The same file once more, not mapped.
  Input once_more() const;
  Input(Input&&) noexcept;
  Input& operator=(Input&&) noexcept;
  ~Input();

  /// As messages and the rejects file call it: the path as given, `<stdin>` for standard input.
  const std::string& name() const { return name_; }

  /// A file is opened where it is not, and stays open until close(). Throws Error(run) where that
  /// fails, or the file is another one by now.
  int fd() const;
  /// Closes a file until it is needed again, if its path can open it. A change is noted until
  /// verify_unchanged().
  void close() const;

  /// Bytes of a stream that were read to see what it is: who reads the stream takes them first.
  std::string& ahead() const { return ahead_; }

  /// Maps the file where that is possible; the sequential baseline reads instead. What is
  /// compressed is read by all. The descriptor is not needed any more. Throws as fd() does.
  void map();
  /// Takes the mapping away; bytes() are not to be touched any more.
  void unmap();
  bool is_mapped() const { return mapping_ != nullptr; }
  /// Leaves it to who reads the input to map it in its turn and to take the mapping away.
  void map_in_turn() { maps_in_turn_ = true; }
  bool maps_in_turn() const { return maps_in_turn_; }
  /// All bytes of a mapped input, or those that restrict_to() has left. Wide loads may go to the
  /// end of the file's last page.
  std::string_view bytes() const;
  std::size_t readable_bytes() const;
  /// Of a mapped input, those that stand before bytes() in the file.
  std::string_view bytes_before() const;

  /// From now on only bytes [begin, end) of a file that is mapped, now or later, count.
  void restrict_to(std::uint64_t begin, std::uint64_t end);
  /// Whether restrict_to() was called: the file may go on behind its bytes().
  bool is_part() const { return is_part_; }
  /// Where bytes() begin in the file.
  std::uint64_t first_byte() const { return begin_bytes_; }

  /// What the first bytes of a file were compressed with at the start. A pipe tells when it is
  /// read.
  Compression compression() const { return compression_; }
  void set_compression(Compression compression) { compression_ = compression; }
  /// What the window of a zstd input may take. A setting of whoever plans the memory.
  std::uint64_t max_window_bytes() const { return max_window_bytes_; }
  void set_max_window_bytes(std::uint64_t bytes) { max_window_bytes_ = bytes; }

  /// The most bytes of text that it may hold, decompressed.
  std::optional<std::uint64_t> max_text_bytes() const { return max_text_bytes_; }
  /// Throws Error(run) where it is known to hold more.
  void set_max_text_bytes(std::uint64_t bytes);
  /// Throws Error(run) that names the limit.
  [[noreturn]] void fail_as_too_large() const;

  /// Size of a regular file at the start; nothing for all else.
  std::optional<std::uint64_t> size_bytes() const;
  /// How many bytes of text there are to be read; nothing where only reading tells.
  std::optional<std::uint64_t> counted_bytes() const;
  /// Which regular file it is; nothing for all else.
  const std::optional<FileIdentity>& identity() const { return identity_; }

  /// Throws Error(run) that names this input.
  [[noreturn]] void fail(const std::string& what) const;

  /// Whether a regular file is as it was at the start (size, modification time, and no part of its
  /// mapping has gone). One that was closed, and has gone from its path since, as logs do that are
  /// rotated, is what it was when it was closed.
  bool is_unchanged() const;
  /// Whether zeros were read in place of a part of the mapping that has gone.
  bool has_lost_pages() const;
  /// Throws Error(run) where it is not.
  void verify_unchanged() const;

 private:
  bool is_same_file(const struct stat& status) const;
  bool is_as_before(const struct stat& status) const;
  [[noreturn]] void fail_as_changed() const;

  std::string name_;
  std::string path_;  ///< to be opened again; empty for what stays open
  mutable UniqueFd fd_;
  mutable std::string ahead_;
  std::optional<FileIdentity> identity_;  ///< of a regular file, like the next three
  std::uint64_t size_bytes_ = 0;
  std::timespec modified_{};
  mutable bool has_changed_ = false;  ///< noticed when it was opened or closed
  std::unique_ptr<Mapping> mapping_;
  bool maps_in_turn_ = false;
  Compression compression_ = Compression::none;
  std::uint64_t max_window_bytes_ = kMaxWindowBytes;
  std::optional<std::uint64_t> max_text_bytes_;
  bool has_lost_pages_ = false;  ///< of a mapping that was taken away
  bool is_part_ = false;
  std::uint64_t begin_bytes_ = 0;
  std::uint64_t end_bytes_ = 0;  ///< of a regular file
};

/// Throws Error(run) that says that the input called so holds more text than it may.
[[noreturn]] void fail_as_too_large(const std::string& name, std::uint64_t max_bytes);

/// A quarter of what this process may have open: the rest of a job needs descriptors, too.
std::size_t max_open_inputs();

/// Looks at `paths` (`-` is standard input). All that is wrong with them is reported together:
/// missing files, folders, the same file twice, what is no text. Throws Error(run). Files stay open
/// unless there are more than `max_open` paths.
std::vector<Input> open_inputs(const std::vector<std::string>& paths,
                               InputNeed need = InputNeed::stream,
                               std::size_t max_open = max_open_inputs());

/// Whether one of `paths` cannot be mapped: it is no regular file, is compressed, or cannot be
/// looked at.
bool reads_streams(const std::vector<std::string>& paths);

/// The bytes of text of all inputs together; nothing where one of them does not tell its size.
std::optional<std::uint64_t> total_size_bytes(std::span<const Input> inputs);

}  // namespace billing
