#pragma once

// Inputs: files that are mapped, and pipes and special files that are read.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_identity.h"
#include "io/unique_fd.h"

namespace billing {

class Mapping;

/// One open input. Movable; the mapped bytes live as long as it does.
class Input {
 public:
  Input(std::string name, UniqueFd fd);
  Input(Input&&) noexcept;
  Input& operator=(Input&&) noexcept;
  ~Input();

  /// As messages and the rejects file call it: the path as given, `<stdin>` for standard input.
  const std::string& name() const { return name_; }
  int fd() const { return fd_.get(); }

  /// Maps the file where that is possible; the sequential baseline reads instead.
  void map();
  bool is_mapped() const { return mapping_ != nullptr; }
  /// Of a mapped input: all bytes, or those that restrict_to() has left. Wide loads may go to the
  /// end of the file's last page.
  std::string_view bytes() const;
  std::size_t readable_bytes() const;

  /// From now on only bytes [begin, end) of the mapped file count.
  void restrict_to(std::uint64_t begin, std::uint64_t end);
  /// Where bytes() begin in the file.
  std::uint64_t first_byte() const { return begin_bytes_; }

  /// Size of a regular file when it was opened; nothing for all else.
  std::optional<std::uint64_t> size_bytes() const {
    return is_regular_ ? std::optional(size_bytes_) : std::nullopt;
  }

  /// Throws Error(run) that names this input.
  [[noreturn]] void fail(const std::string& what) const;

  /// Whether a regular file is as it was when opened (size, modification time, and no part of its
  /// mapping has gone).
  bool is_unchanged() const;
  /// Whether zeros were read in place of a part of the mapping that has gone.
  bool has_lost_pages() const;
  /// Throws Error(run) where it is not.
  void verify_unchanged() const;

 private:
  std::string name_;
  UniqueFd fd_;
  bool is_regular_ = false;
  std::uint64_t size_bytes_ = 0;
  std::int64_t modified_ns_ = 0;
  std::unique_ptr<Mapping> mapping_;
  std::uint64_t begin_bytes_ = 0;
  std::uint64_t end_bytes_ = 0;  // of a mapped file
};

/// Opens `paths` (`-` is standard input). All that is wrong with them is reported together: missing
/// files, folders, the same file twice, compressed files. Throws Error(run).
std::vector<Input> open_inputs(const std::vector<std::string>& paths);

/// Of all inputs together; nothing where one of them does not tell its size.
std::optional<std::uint64_t> total_size_bytes(std::span<const Input> inputs);

}  // namespace billing
