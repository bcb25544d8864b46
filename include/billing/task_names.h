#pragma once

// The names of a run's tasks, in order. There may be millions of them: they lie packed in one piece
// of memory, and whoever needs them shares it.
//
//     const TaskNames tasks = {"createOrder", "login"};
//     tasks[1];              // "login"
//     tasks.find("logout");  // 2 == tasks.size(): there is none

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace billing {

/// Distinct names, ordered by bytes; a task's index is its place among them. Immutable: copies are
/// cheap and share the names, which live as long as any copy, and any number of threads may read.
class TaskNames {
 public:
  class Builder;

  TaskNames() = default;
  /// Copy the names. Throw std::invalid_argument where they are not distinct, not in order, or
  /// longer than 255 bytes.
  TaskNames(std::initializer_list<std::string_view> names);
  explicit TaskNames(const std::vector<std::string>& names);

  /// Memory that a name takes beside its own bytes.
  static constexpr std::size_t kBytesBesideName = 1 + sizeof(std::uint32_t);

  std::size_t size() const { return packed_ == nullptr ? 0 : packed_->offsets.size(); }
  bool empty() const { return size() == 0; }

  /// `index` must be less than size(). Valid as long as any copy of these names.
  std::string_view operator[](std::size_t index) const {
    const char* const at =
        packed_->bytes.data() + packed_->bases[index / kNamesOfBase] + packed_->offsets[index];
    return {at + 1, static_cast<unsigned char>(at[0])};
  }

  /// The index of the first name that is not less; size() where all are.
  std::size_t lower_bound(std::string_view name) const {
    std::size_t begin = 0;
    for (std::size_t end = size(); begin < end;) {
      const std::size_t middle = begin + (end - begin) / 2;
      if ((*this)[middle] < name) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    return begin;
  }

  /// The index of a name; size() where there is none such.
  std::size_t find(std::string_view name) const {
    const std::size_t index = lower_bound(name);
    return index < size() && (*this)[index] == name ? index : size();
  }

  std::size_t memory_bytes() const {
    return packed_ == nullptr ? 0 : packed_->bytes.size() + size() * sizeof(packed_->offsets[0]);
  }

  friend bool operator==(const TaskNames& a, const TaskNames& b) {
    if (a.packed_ == b.packed_) return true;
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kMaxNameBytes = std::numeric_limits<unsigned char>::max();
  /// Names that share a base: few enough that offsets from it fit into 32 bits.
  static constexpr std::size_t kNamesOfBase = std::size_t{1} << 16;

  /// Each name follows a byte with its length.
  struct Packed {
    std::string bytes;
    std::vector<std::uint32_t> offsets;  ///< by index, from the base
    std::vector<std::size_t> bases;      ///< of kNamesOfBase names each
  };

  template <class Names>
  void assign(const Names& names);

  std::shared_ptr<const Packed> packed_;
};

/// Makes TaskNames of names that come in order. One thread.
class TaskNames::Builder {
 public:
  Builder() : packed_(std::make_shared<Packed>()) {}

  /// Reserves memory for up to `names` names of `bytes` bytes in total; memory that is not used is
  /// never touched. Without it, growing lists briefly take up to three times as much.
  void reserve(std::size_t names, std::size_t bytes) {
    packed_->offsets.reserve(names);
    packed_->bytes.reserve(names + bytes);
  }

  /// The name must be greater than the last one, and no longer than any name is. The view may go
  /// afterwards.
  void add(std::string_view name) {
    assert(name.size() <= kMaxNameBytes && (size() == 0 || last() < name));
    if (size() % kNamesOfBase == 0) packed_->bases.push_back(packed_->bytes.size());
    packed_->offsets.push_back(
        static_cast<std::uint32_t>(packed_->bytes.size() - packed_->bases.back()));
    packed_->bytes += static_cast<char>(name.size());
    packed_->bytes += name;
  }

  std::size_t size() const { return packed_->offsets.size(); }
  /// The name that was added last; there must be one. Valid until the next is.
  std::string_view last() const {
    const std::size_t begin = packed_->bases.back() + packed_->offsets.back() + 1;
    return std::string_view(packed_->bytes).substr(begin);
  }

  /// The builder is spent.
  TaskNames finish() {
    TaskNames names;
    names.packed_ = std::move(packed_);
    return names;
  }

 private:
  std::shared_ptr<Packed> packed_;
};

inline TaskNames::TaskNames(std::initializer_list<std::string_view> names) { assign(names); }

inline TaskNames::TaskNames(const std::vector<std::string>& names) { assign(names); }

template <class Names>
void TaskNames::assign(const Names& names) {
  Builder builder;
  for (const std::string_view name : names) {
    if (name.size() > kMaxNameBytes || (builder.size() > 0 && name <= builder.last()))
      throw std::invalid_argument("names of tasks that are too long, or not in order");
    builder.add(name);
  }
  *this = builder.finish();
}

}  // namespace billing
