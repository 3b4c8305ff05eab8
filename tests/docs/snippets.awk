# Cuts the fenced blocks of a Markdown file into files that can be tested.
# usage: awk -v stem=readme -v folder=FOLDER -f snippets.awk README.md
#
# ```cpp blocks become stem_LINE.cpp: whole programs as they are, others as the body of main(). An
# ```output block is what the program of the last ```cpp block prints: stem_LINE.out. Blocks that hold
# programs or kernels of the IR become stem_LINE.ir. A first line `// name.cpp` names the file in what
# the snippet prints.

/^```/ && !inside {
  inside = 1
  kind = substr($0, 4)
  first = NR + 1
  lines = 0
  if (kind == "cpp") last_cpp = first
  if (kind == "output" && !last_cpp) { print FILENAME ":" NR ": output of nothing" > "/dev/stderr"; exit 1 }
  next
}
/^```$/ && inside {
  inside = 0
  if (kind == "cpp") write_cpp()
  if (kind == "output") write_plain(folder "/" stem "_" last_cpp ".out")
  if (kind == "" && text[1] ~ /^(program|kernel) @/) write_plain(folder "/" stem "_" first ".ir")
  if (kind == "output") last_cpp = 0
  next
}
inside { text[++lines] = $0 }

function write_plain(target,   i) {
  printf "" > target
  for (i = 1; i <= lines; i++) print text[i] > target
  close(target)
}

function write_cpp(   target, i, whole, name) {
  target = folder "/" stem "_" first ".cpp"
  for (i = 1; i <= lines; i++) if (text[i] ~ /^int main\(/) whole = 1
  name = text[1] ~ /^\/\/ [a-z_]+\.cpp$/ ? substr(text[1], 4) : FILENAME
  if (!whole) {
    print "#include <tarry/tarry.h>" > target
    print "#include <iostream>" > target
    print "namespace np = tarry::numpy;" > target
    print "using tarry::Array;" > target
    print "int main() {" > target
  }
  print "#line " (name == FILENAME ? first : 1) " \"" name "\"" > target
  for (i = 1; i <= lines; i++) print text[i] > target
  if (!whole) print "}" > target
  close(target)
}
