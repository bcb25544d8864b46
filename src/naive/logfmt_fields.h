#pragma once

// `key=value` pairs between spaces or tabs.

#include "naive/value.h"

namespace billing::naive {

class LogfmtFields final : public FieldDecoder {
 public:
  std::optional<Flaw> decode(std::string_view record, std::uint32_t skipped_bytes) override;
  Value find(const FieldName& name) const override;

 private:
  struct Pair {
    std::string key;
    Value value;
  };

  std::vector<Pair> pairs_;
};

}  // namespace billing::naive
