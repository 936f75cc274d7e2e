"use client";
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { cedar } from "codemirror-lang-cedar";
import { useEffect, useRef } from "react";
import { codeEditorTheme } from "./code-editor-theme.ts";
import { unseen } from "./exact-pieces.ts";

/** Something wrong at a place of the text, as the editor underlines it. Offsets count UTF-16 code units. */
export interface EditorProblem {
  readonly from: number;
  readonly to: number;
  readonly severity: "error" | "warning";
  readonly message: string;
}

/** What a word before the cursor can become. */
export type CompleteWord = (
  before: string,
) => { readonly from: number; readonly options: readonly Completion[] } | null;

/** What the editor tells and asks of its page; always the newest is used. */
interface Handlers {
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
  readonly complete: CompleteWord;
}

/** What is written in an editor. */
type Language = "cedar" | "json";
const languages: Readonly<Record<Language, () => Extension>> = { cedar, json };

interface Kind {
  readonly label: string;
  readonly readOnly: boolean;
  readonly language: Language;
}

function extensions(handlers: { readonly current: Handlers }, { label, language, readOnly }: Kind) {
  const source = (context: CompletionContext) => {
    const line = context.state.doc.lineAt(context.pos);
    const found = handlers.current.complete(line.text.slice(0, context.pos - line.from));
    if (found === null || (!context.explicit && found.options.length === 0)) return null;
    return { from: line.from + found.from, options: found.options, validFor: /^[\w.:"/-]*$/ };
  };
  return [
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    highlightSpecialChars({ addSpecialChars: unseen }),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    lintGutter(),
    autocompletion({ override: [source], icons: false }),
    languages[language](),
    syntaxHighlighting(classHighlighter),
    EditorState.readOnly.of(readOnly),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, class: "cedar", spellcheck: "false", tabindex: "0" }),
    keymap.of([
      { key: "Mod-s", preventDefault: true, run: () => (handlers.current.onSave(), true) },
      // Tab indents inside the editor; Escape then Tab leaves it, as CodeMirror's accessibility guide asks.
      indentWithTab,
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      ...completionKeymap,
      ...lintKeymap,
    ]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) handlers.current.onChange(update.state.doc.toString());
    }),
    codeEditorTheme,
  ];
}

/** An editor for Cedar or JSON with completion, errors in place, and ⌘S to format. Give it a key when its text is another one. */
export function CodeEditor({
  label,
  text,
  problems,
  readOnly = false,
  language = "cedar",
  goTo = null,
  ...handlers
}: {
  readonly label: string;
  readonly text: string;
  readonly problems: readonly EditorProblem[];
  readonly readOnly?: boolean;
  readonly language?: Language;
  /** moves the caret there and shows it; a new object moves again */
  readonly goTo?: { readonly offset: number } | null;
} & Handlers) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef<Handlers>(handlers);
  const firstText = useRef(text);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    if (box.current === null) return;
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: firstText.current,
        extensions: extensions(latest, { label, language, readOnly }),
      }),
    });
    view.current = made;
    // when the list of problems grows below, the line being written stays in view
    const resized = new ResizeObserver(() => {
      if (made.hasFocus) made.dispatch({ effects: EditorView.scrollIntoView(made.state.selection.main.head) });
    });
    resized.observe(box.current);
    return () => {
      resized.disconnect();
      firstText.current = made.state.doc.toString();
      made.destroy();
      view.current = null;
    };
  }, [label, language, readOnly]);
  // text that changed from outside (formatting, rollback) replaces the document; one's own typing is already in it
  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === text) return;
    const caret = Math.min(editor.state.selection.main.head, text.length);
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text }, selection: { anchor: caret } });
  }, [text]);
  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    const end = editor.state.doc.length;
    const marks: Diagnostic[] = problems.map((problem) => {
      const from = Math.min(problem.from, end);
      return { ...problem, from, to: Math.max(from, Math.min(problem.to, end)) };
    });
    editor.dispatch(setDiagnostics(editor.state, marks));
  }, [problems]);
  useEffect(() => {
    const editor = view.current;
    if (editor === null || goTo === null) return;
    const anchor = Math.min(goTo.offset, editor.state.doc.length);
    editor.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "start", yMargin: 24 }) });
    editor.focus();
  }, [goTo]);
  return <div ref={box} className="h-full min-h-0 overflow-hidden" />;
}
