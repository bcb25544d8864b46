#pragma once

// Objects of JSON, one a record; fields are keys, paths with dots, or pointers (RFC 6901).

#include "naive/json_text.h"
#include "naive/value.h"

namespace billing::naive {

class JsonFields final : public FieldDecoder {
 public:
  std::optional<Flaw> decode(std::string_view record, std::uint32_t skipped_bytes) override;
  Value find(const FieldName& name) const override;

 private:
  JsonValue record_;
  std::uint32_t skipped_bytes_ = 0;
};

}  // namespace billing::naive
