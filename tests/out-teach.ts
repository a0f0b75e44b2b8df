import { withEmptySchool } from "./bench/empty-school.ts";
import { attempt, linkOf } from "./harness/api.ts";
import { spawn } from "node:child_process";
const CLASSES=5, GROUPS=20, parents=1000;
await withEmptySchool(async (api) => {
  const teachers=[];
  for (let n=0;n<GROUPS*CLASSES;n++){ const {id}=await api.make("/teachers",{name:`Teacher ${n}`,email:""}); await api.make("/classes",{name:`C${n}`,subject:`Subject ${n}`,teachers:[id]}); teachers.push(id);}
  const rows=["Student,Form,Classes,Contact,Email"];
  for (let n=0;n<parents;n++){const first=(n%GROUPS)*CLASSES; rows.push(`Student ${n},8,${Array.from({length:CLASSES},(_,a)=>`C${first+a}`).join(";")},Parent ${n},p${n}@example.org`);}
  await api.importStudents(rows.join("\n"));
  const evening=await api.make("/evenings",{name:"Evening",date:"2040-01-10",time_zone:"Europe/London",starts:"08:00",ends:"20:00",slot_minutes:12,gap_minutes:0});
  await api.done("PUT",`/evenings/${evening.id}/booking`,{open:true});
  for (const link of (await api.parentLinks(evening.id)).values()) await api.by(link,"/bookings/automatic",{attempt:attempt(),wishes:[]});
  const links=[];
  for (const t of teachers){const s=await api.done("POST",`/evenings/${evening.id}/teachers/${t}/link`); links.push(linkOf(JSON.parse(s.body).url));}
  const t0=performance.now();
  for (let n=0;n<500;n++) await api.by(links[n%100],"/teacher");
  console.log("one", (performance.now()-t0)/500);
  if (process.env.PERF) spawn("bash",["-c",`perf record -F 999 -g -p $(pgrep -f "serve --listen 127.0.0.1:0" | head -1) -o /tmp/teach.perf -- sleep 4`],{stdio:"ignore"});
  const t1=performance.now();
  for (let n=0;n<1500;n++) await api.by(links[n%100],"/teacher");
  console.log("one", (performance.now()-t1)/1500);
});
