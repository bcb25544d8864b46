#include "arrow_export.h"

#include <cerrno>
#include <exception>
#include <new>
#include <utility>

namespace billing::python {
namespace {

/// What an exported schema points to. Children are released by the parent.
struct SchemaMemory {
  std::string format;
  std::string name;
  std::vector<std::unique_ptr<ArrowSchema>> children;
  std::vector<ArrowSchema*> child_pointers;
  std::unique_ptr<ArrowSchema> dictionary;
};

void release_schema(ArrowSchema* schema) {
  const std::unique_ptr<SchemaMemory> memory(static_cast<SchemaMemory*>(schema->private_data));
  for (const auto& child : memory->children) {
    if (child->release != nullptr) child->release(child.get());
  }
  if (memory->dictionary && memory->dictionary->release != nullptr)
    memory->dictionary->release(memory->dictionary.get());
  schema->release = nullptr;
}

/// Fills in the schema of one type, which then owns `memory`.
void finish_schema(std::unique_ptr<SchemaMemory> memory, ArrowSchema& out) {
  for (const auto& child : memory->children) memory->child_pointers.push_back(child.get());
  out = {};
  out.format = memory->format.c_str();
  out.name = memory->name.c_str();
  out.n_children = static_cast<std::int64_t>(memory->children.size());
  out.children = memory->child_pointers.data();
  out.dictionary = memory->dictionary.get();
  out.release = release_schema;
  out.private_data = memory.release();
}

std::unique_ptr<ArrowSchema> schema_of(const ArrowField& field) {
  auto memory = std::make_unique<SchemaMemory>();
  memory->format = field.format;
  memory->name = field.name;
  if (!field.dictionary_format.empty())
    memory->dictionary = schema_of({.name = "", .format = field.dictionary_format});
  auto schema = std::make_unique<ArrowSchema>();
  finish_schema(std::move(memory), *schema);
  if (field.has_nulls) schema->flags = ARROW_FLAG_NULLABLE;
  return schema;
}

/// What an exported array points to; children and dictionaries share the owner of the rows.
struct ArrayMemory {
  std::shared_ptr<const void> owner;
  std::vector<const void*> buffers;
  std::vector<std::unique_ptr<ArrowArray>> children;
  std::vector<ArrowArray*> child_pointers;
  std::unique_ptr<ArrowArray> dictionary;
};

void release_array(ArrowArray* array) {
  const std::unique_ptr<ArrayMemory> memory(static_cast<ArrayMemory*>(array->private_data));
  for (const auto& child : memory->children) {
    if (child->release != nullptr) child->release(child.get());
  }
  if (memory->dictionary && memory->dictionary->release != nullptr)
    memory->dictionary->release(memory->dictionary.get());
  array->release = nullptr;
}

/// The first of the buffers is that of the validity.
void finish_array(std::int64_t length, std::unique_ptr<ArrayMemory> memory, ArrowArray& out) {
  for (const auto& child : memory->children) memory->child_pointers.push_back(child.get());
  out = {};
  out.length = length;
  out.n_buffers = static_cast<std::int64_t>(memory->buffers.size());
  out.buffers = memory->buffers.data();
  out.n_children = static_cast<std::int64_t>(memory->children.size());
  out.children = memory->child_pointers.data();
  out.dictionary = memory->dictionary.get();
  out.release = release_array;
  out.private_data = memory.release();
}

std::unique_ptr<ArrowArray> array_of(std::int64_t length, ArrowBuffers column,
                                     const std::shared_ptr<const void>& owner) {
  auto memory = std::make_unique<ArrayMemory>();
  memory->owner = owner;
  if (!column.dictionary.empty()) {
    memory->dictionary =
        array_of(column.dictionary_length, {.buffers = std::move(column.dictionary)}, owner);
  }
  memory->buffers = std::move(column.buffers);
  memory->buffers.insert(memory->buffers.begin(), column.validity);
  auto array = std::make_unique<ArrowArray>();
  finish_array(length, std::move(memory), *array);
  array->null_count = column.null_count;
  return array;
}

void export_rows(ArrowRows rows, ArrowArray& out) {
  auto memory = std::make_unique<ArrayMemory>();
  memory->owner = rows.owner;
  memory->buffers.push_back(nullptr);  // all rows are there
  for (ArrowBuffers& column : rows.columns)
    memory->children.push_back(array_of(rows.length, std::move(column), rows.owner));
  finish_array(rows.length, std::move(memory), out);
}

struct StreamMemory {
  std::unique_ptr<ArrowSource> source;
  std::string error;
};

StreamMemory& memory_of(ArrowArrayStream* stream) {
  return *static_cast<StreamMemory*>(stream->private_data);
}

/// Runs a callback of the stream; an exception becomes its error code and message.
template <class Step>
int guarded(ArrowArrayStream* stream, const Step& step) {
  try {
    step(*memory_of(stream).source);
    return 0;
  } catch (const std::bad_alloc&) {
    memory_of(stream).error = "out of memory";
    return ENOMEM;
  } catch (const std::exception& error) {
    memory_of(stream).error = error.what();
    return EINVAL;
  }
}

}  // namespace

void export_schema(const std::vector<ArrowField>& fields, ArrowSchema& out) {
  auto memory = std::make_unique<SchemaMemory>();
  memory->format = "+s";
  for (const ArrowField& field : fields) memory->children.push_back(schema_of(field));
  finish_schema(std::move(memory), out);
}

void export_stream(std::unique_ptr<ArrowSource> source, ArrowArrayStream& out) {
  out = {};
  out.get_schema = [](ArrowArrayStream* stream, ArrowSchema* schema) {
    return guarded(stream, [schema](ArrowSource& from) { export_schema(from.fields(), *schema); });
  };
  out.get_next = [](ArrowArrayStream* stream, ArrowArray* array) {
    return guarded(stream, [array](ArrowSource& from) {
      std::optional<ArrowRows> rows = from.next();
      if (rows) {
        export_rows(std::move(*rows), *array);
      } else {
        *array = {};
      }
    });
  };
  out.get_last_error = [](ArrowArrayStream* stream) -> const char* {
    const std::string& error = memory_of(stream).error;
    return error.empty() ? nullptr : error.c_str();
  };
  out.release = [](ArrowArrayStream* stream) {
    delete &memory_of(stream);
    stream->release = nullptr;
  };
  out.private_data = new StreamMemory{std::move(source), {}};
}

}  // namespace billing::python
