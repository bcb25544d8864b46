#pragma once

// Bytes that can be read at any place: files, memory, objects in a store.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace billing {

/// Derive from it to read partials from a store of your own. Its bytes and their number must not
/// change while anything reads them. Any number of threads may call its members at once.
class ByteSource {
 public:
  /// `name` is what messages call it.
  explicit ByteSource(std::string name) : name_(std::move(name)) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  const std::string& name() const { return name_; }

  virtual std::uint64_t size_bytes() const = 0;

  /// Fills `to` with the bytes from `offset_bytes` on and returns how many it copied: fewer than
  /// to.size() only where the source ends, 0 behind the end. Throws Error(run) where they cannot be
  /// read.
  virtual std::size_t read_at(std::uint64_t offset_bytes, std::span<char> to) const = 0;

 private:
  std::string name_;
};

/// Bytes that the host owns.
class BytesInMemory final : public ByteSource {
 public:
  /// `bytes` must outlive this.
  BytesInMemory(std::string name, std::string_view bytes)
      : ByteSource(std::move(name)), bytes_(bytes) {}

  std::uint64_t size_bytes() const override { return bytes_.size(); }
  std::size_t read_at(std::uint64_t offset_bytes, std::span<char> to) const override {
    if (offset_bytes >= bytes_.size()) return 0;
    return bytes_.substr(offset_bytes).copy(to.data(), to.size());
  }

 private:
  std::string_view bytes_;
};

/// Takes the bytes of an output piece by piece, in order; each view is valid during the call.
using ByteSink = std::function<void(std::string_view)>;

}  // namespace billing
