#pragma once

// Which keys of an object, and of the objects within it, a mapping asks for: a tree that is walked
// along with the record.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/field.h"

namespace billing {

/// Immutable. Nodes stand for objects (and arrays) of which something is wanted; the first is the
/// record's own object.
class JsonFields {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  /// Keys are told apart by their sizes and first eight bytes: few have a longer beginning in
  /// common. The first byte is the lowest; zeros fill it up.
  static constexpr std::size_t kHeadBytes = 8;

  /// What is wanted of one member.
  struct Member {
    std::string key;              ///< unescaped; of an array the decimal index
    std::uint64_t head = 0;       ///< of the key
    std::uint32_t slot = kNone;   ///< takes the value
    std::uint32_t child = kNone;  ///< node of what is wanted within the value
    bool is_index = false;        ///< also stands for an element of an array
  };
  struct Node {
    std::vector<Member> members;
  };

  /// Throws Error(configuration) for more fields than an object can be asked for.
  explicit JsonFields(const std::vector<FieldName>& names);

  const Node& node(std::uint32_t index) const { return nodes_[index]; }
  std::size_t slot_count() const { return slot_count_; }

  /// A name may be a key as it stands, which counts where it is there, or else a path.
  struct Name {
    std::uint32_t key_slot = kNone;
    std::uint32_t path_slot = kNone;
  };
  const std::vector<Name>& names() const { return names_; }

 private:
  std::uint32_t add(const std::vector<std::string>& path, bool has_indexes);

  std::vector<Node> nodes_{1};
  std::vector<Name> names_;
  std::size_t slot_count_ = 0;
};

}  // namespace billing
