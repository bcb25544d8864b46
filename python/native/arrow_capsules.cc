#include "arrow_capsules.h"

#include <utility>

namespace nb = nanobind;

namespace billing::python {
namespace {

/// A capsule that owns what it points to, until somebody has taken it out.
template <class Struct>
nb::object capsule_of(std::unique_ptr<Struct> content, const char* name) {
  PyObject* const capsule = PyCapsule_New(content.get(), name, [](PyObject* self) {
    auto* const owned = static_cast<Struct*>(PyCapsule_GetPointer(self, PyCapsule_GetName(self)));
    if (owned->release != nullptr) owned->release(owned);
    delete owned;
  });
  if (capsule == nullptr) throw nb::python_error();
  content.release();
  return nb::steal(capsule);
}

}  // namespace

nb::object stream_of(std::unique_ptr<ArrowSource> source) {
  auto stream = std::make_unique<ArrowArrayStream>();
  export_stream(std::move(source), *stream);
  return capsule_of(std::move(stream), "arrow_array_stream");
}

nb::object schema_of(const std::vector<ArrowField>& fields) {
  auto schema = std::make_unique<ArrowSchema>();
  export_schema(fields, *schema);
  return capsule_of(std::move(schema), "arrow_schema");
}

}  // namespace billing::python
