#pragma once

// Where the fields that a mapping asks for come from: fields that records have, other names of
// them, and what is derived of them (web_fields.h).

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/record_format.h"
#include "formats/record_mapper.h"
#include "formats/web_fields.h"
#include "mapping/batch_text.h"
#include "mapping/field.h"

namespace billing {

struct FieldSource {
  std::size_t raw = 0;  ///< place of a field that records have
  Derived what = Derived::as_it_stands;
  bool is_target = false;
  bool is_of_request = false;
  bool is_of_time = false;  ///< no field of the record: the mapper fills it in
};

/// The place of a field that records have; nothing where they have none of that name.
using PlaceOfField = std::function<std::optional<std::size_t>(const std::string& name)>;

/// A field that records have goes before an alias, and that before what is derived. Nothing where
/// the name is none of these.
std::optional<FieldSource> find_source(const std::string& name,
                                       const std::vector<FieldAlias>& aliases,
                                       const PlaceOfField& place_of);

/// The same of a field that `mapper` wants: `date` and `hour`, where they are nothing else, it is
/// told to make of the time. Throws Error(configuration) where the time is to be made of them.
std::optional<FieldSource> source_for(RecordMapper& mapper, std::size_t place,
                                      const RecordFormat& format, const PlaceOfField& place_of);

/// The request of one record, taken apart once for all that is derived of it.
class RequestParts {
 public:
  /// `text` is the raw field, which is not missing. Empty where there is no such part.
  std::string_view derived(const FieldSource& source, std::string_view text, BatchText& texts) {
    if (source.what == Derived::as_it_stands) return text;
    if (source.is_of_request && begin_ != text.data()) {
      if (source.is_target) {
        request_ = {.method = {}, .target = text, .protocol = {}};
      } else {
        parse_request(text, request_);
      }
      begin_ = text.data();
    }
    return derive(source.what, text, request_, texts);
  }

 private:
  Request request_;
  const char* begin_ = nullptr;  ///< of the field that was taken apart last
};

/// For formats that look fields up by name, whatever there is. Without aliases nothing is derived.
class DerivedFields {
 public:
  /// Throws Error(configuration) as source_for() does.
  DerivedFields(RecordMapper& mapper, const RecordFormat& format);

  /// What records are asked for.
  const std::vector<FieldName>& raw() const { return raw_; }
  bool is_needed() const { return is_needed_; }

  /// Fills in the fields of the names from those of raw().
  void derive(const Field* raw, Field* fields, BatchText& texts) const;

 private:
  std::vector<FieldName> raw_;
  std::vector<FieldSource> sources_;
  bool is_needed_ = false;
};

}  // namespace billing
