#pragma once

#include <memory>
#include <string>

#include "billing/byte_source.h"
#include "io/unique_fd.h"

namespace billing {

/// The bytes of an open file that can be read at any place.
class FileBytes final : public ByteSource {
 public:
  FileBytes(std::string name, UniqueFd fd) : ByteSource(std::move(name)), fd_(std::move(fd)) {}

  /// As it is now.
  std::uint64_t size_bytes() const override;
  std::size_t read_at(std::uint64_t offset_bytes, std::span<char> to) const override;

  int fd() const { return fd_.get(); }

 private:
  [[noreturn]] void fail() const;

  UniqueFd fd_;
};

}  // namespace billing
