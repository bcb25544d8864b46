#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "formats/json_fields.h"
#include "formats/json_tokens.h"
#include "formats/json_walk.h"
#include "formats/line_scanner.h"
#include "mapping/batch_text.h"

namespace billing {

/// Whether a text is one valid object.
class ObjectCheck {
 public:
  bool operator()(std::string_view text) {
    if (!index_->scan(text)) return false;
    const char* const end = text.data() + text.size();
    const Line line{text.data(), text.data(), end, end, end, false};
    const bool has_escapes = text.find('\\') != std::string_view::npos;
    texts_->clear();
    return JsonWalk(*none_, text.data(), line, index_->begin(), index_->end(), has_escapes, nullptr,
                    nullptr, *texts_)
        .run();
  }

 private:
  std::shared_ptr<const JsonFields> none_ =
      std::make_shared<const JsonFields>(std::vector<FieldName>());
  std::shared_ptr<TokenIndex> index_ = std::make_shared<TokenIndex>();
  std::shared_ptr<BatchText> texts_ = std::make_shared<BatchText>();
};

}  // namespace billing
