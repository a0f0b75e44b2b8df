// Generated from crates/wire by `scripts/generate`. Do not edit.

import type {
  SchoolLogo,
  SchoolFace,
  FaintAccent,
  AccentAnswer,
  Account,
  AccountAppointment,
  AccountEvening,
  Hat,
  WaitingAddress,
  Shares,
  OwnDetails,
  NamedState,
  NamedParent,
  NameStanding,
  SaidName,
  SharedContact,
  AccountStudent,
  AccountPerson,
  AccountHome,
  JoinedPair,
  AlikeBy,
  AlikeContact,
  AlikePair,
  AlikeRecords,
  AskedAppointment,
  Approval,
  ChangedWhat,
  ChangedDetail,
  UnenteredOrder,
  MayBe,
  HeldRecord,
  Approvals,
  Attention,
  AuditRow,
  Audit,
  Class,
  Classes,
  SaidDetails,
  ContactPerson,
  Decided,
  EveningDraft,
  Queued,
  Evening,
  EveningManagers,
  EveningPerson,
  EveningPeople,
  Evenings,
  SystemOutcome,
  SystemRun,
  SystemStep,
  SystemProgress,
  ImportFolder,
  ImportColumns,
  RegistrationRefused,
  RegistrationsSent,
  ImportKind,
  ImportReading,
  ImportOutcome,
  ImportRow,
  ImportReport,
  SystemRegion,
  SystemConnection,
  InformationSystem,
  JoinedAccount,
  JoinReport,
  LinkShown,
  LiveCall,
  LiveView,
  FormerMember,
  StaffRole,
  Member,
  Members,
  PartNotice,
  Notices,
  OpenHours,
  OfficeArea,
  OfficeAreas,
  OfficeBooking,
  OfficeBookings,
  OfficeInvitation,
  OfficeInvitations,
  OfficeRoom,
  KnownPasskey,
  NewPasskey,
  NewSecondFactor,
  OfficeRooms,
  OrderTaken,
  OpenidRefusal,
  Staff,
  OpenidAnswer,
  OpenidOffer,
  OpenidStarted,
  ReachedBy,
  Undelivered,
  OpenContact,
  OpenRegistrations,
  ParentNamed,
  PasskeyAsked,
  Hindrance,
  RegistrationState,
  PupilContact,
  Pupil,
  Pupils,
  RecoveryCodes,
  AskedStudent,
  DetailsOffer,
  OfferState,
  RegistrationOffer,
  RegistrationProgress,
  RegistrationPrint,
  RegistrationLetters,
  Replaced,
  ParentsInvite,
  SchoolSettings,
  Passkey,
  SecondFactor,
  SetupOffer,
  OtherArea,
  CallerState,
  AreaCaller,
  LeftWords,
  StaffArea,
  StaffEvening,
  RoomGuest,
  StaffRoom,
  StaffHome,
  StopState,
  StoppedCall,
  StoppedCalls,
  StudentContact,
  RefusedName,
  Student,
  ClassList,
  Homeroom,
  YearList,
  StudentLists,
  FoundKind,
  FoundPerson,
  Students,
  Teacher,
  Teachers,
  CameBy,
  Visits,
} from "./messages";
import {
  type Read,
  count,
  flag,
  instant,
  listOf,
  oneOf,
  optional,
  orElse,
  shaped,
  text,
} from "./read";
import {
  recordOf,
  webAddress,
} from "./read-office";
import {
  readAppointment,
  readInvitationState,
  readContact,
  readRoomField,
  readBooking,
  readPresent,
} from "./readers";

export const readSchoolLogo: Read<SchoolLogo> = shaped<SchoolLogo>({
  height: count,
  path: text,
  width: count,
});

export const readSchoolFace: Read<SchoolFace> = shaped<SchoolFace>({
  accent: optional(text),
  logo: optional(readSchoolLogo),
});

export const readFaintAccent: Read<FaintAccent> = shaped<FaintAccent>({
  contrast: count,
  nearest: text,
});

export const readAccentAnswer: Read<AccentAnswer> = shaped<AccentAnswer>({
  face: readSchoolFace,
  faint: optional(readFaintAccent),
});

export const readAccount: Read<Account> = shaped<Account>({
  csrf: text,
  email: text,
  school: text,
});

export const readAccountAppointment: Read<AccountAppointment> = shaped<AccountAppointment>({
  ends: instant,
  starts: instant,
  student: text,
  subject: text,
  teachers: listOf(text),
});

export const readAccountEvening: Read<AccountEvening> = shaped<AccountEvening>({
  appointments: listOf(readAccountAppointment),
  booking: readBooking,
  contact: text,
  guests: listOf(text),
  id: text,
  is_over: optional(flag),
  name: text,
  starts: instant,
  time_zone: text,
});

export const readHat: Read<Hat> = oneOf(["offered", "stands"]);

export const readWaitingAddress: Read<WaitingAddress> = shaped<WaitingAddress>({
  email: text,
  expired: flag,
});

export const readShares: Read<Shares> = shaped<Shares>({
  families_email: flag,
  families_telephone: flag,
  school_telephone: flag,
});

export const readOwnDetails: Read<OwnDetails> = shaped<OwnDetails>({
  language: text,
  lives_with: listOf(text),
  shares: readShares,
  telephone: text,
});

export const readNamedState: Read<NamedState> = oneOf(["waits", "sent", "declined"]);

export const readNamedParent: Read<NamedParent> = shaped<NamedParent>({
  name: text,
  reason: text,
  state: readNamedState,
  student: text,
});

export const readNameStanding: Read<NameStanding> = oneOf(["waits", "accepted", "kept"]);

export const readSaidName: Read<SaidName> = shaped<SaidName>({
  name: text,
  standing: readNameStanding,
  word: text,
});

export const readSharedContact: Read<SharedContact> = shaped<SharedContact>({
  email: text,
  name: text,
  telephone: text,
});

export const readAccountStudent: Read<AccountStudent> = shaped<AccountStudent>({
  homeroom: text,
  id: text,
  name: text,
  others: listOf(readSharedContact),
  relationship: text,
  said_name: optional(readSaidName),
});

export const readAccountPerson: Read<AccountPerson> = shaped<AccountPerson>({
  details: readOwnDetails,
  email: text,
  has_other_address: flag,
  has_said: flag,
  id: text,
  name: text,
  named: listOf(readNamedParent),
  other_telephone: text,
  said_name: optional(readSaidName),
  students: listOf(readAccountStudent),
});

export const readAccountHome: Read<AccountHome> = shaped<AccountHome>({
  evenings: listOf(readAccountEvening),
  hat: optional(readHat),
  may_name: flag,
  new_address: optional(readWaitingAddress),
  people: listOf(readAccountPerson),
});

export const readJoinedPair: Read<JoinedPair> = shaped<JoinedPair>({
  contact: text,
  gone: text,
  gone_name: text,
  name: text,
  until: instant,
});

export const readAlikeBy: Read<AlikeBy> = oneOf(["address", "name", "both"]);

export const readAlikeContact: Read<AlikeContact> = shaped<AlikeContact>({
  contact: text,
  court_order: flag,
  email: text,
  name: text,
  registered: flag,
  students: listOf(text),
});

export const readAlikePair: Read<AlikePair> = shaped<AlikePair>({
  alike: readAlikeBy,
  one: readAlikeContact,
  other: readAlikeContact,
});

export const readAlikeRecords: Read<AlikeRecords> = shaped<AlikeRecords>({
  joined: listOf(readJoinedPair),
  more: count,
  pairs: listOf(readAlikePair),
});

export const readAskedAppointment: Read<AskedAppointment> = shaped<AskedAppointment>({
  booking: text,
  evening: text,
  free: listOf(text),
  instead: listOf(text),
  left_class: optional(flag),
  may_be_kept: flag,
  parent: text,
  starts: instant,
  student: text,
  subject: text,
  teachers: listOf(text),
  time_zone: text,
});

export const readApproval: Read<Approval> = shaped<Approval>({
  asked: instant,
  at_door: optional(flag),
  contact: text,
  email: text,
  evening: text,
  id: text,
  is_certain: flag,
  is_parent: optional(flag),
  mobile: optional(text),
  name: text,
  parent: text,
  reason: optional(text),
  students: listOf(text),
});

export const readChangedWhat: Read<ChangedWhat> = oneOf(["telephone", "email", "name"]);

export const readChangedDetail: Read<ChangedDetail> = shaped<ChangedDetail>({
  contact: text,
  name: text,
  own: text,
  school: text,
  since: instant,
  student: optional(text),
  students: listOf(text),
  what: readChangedWhat,
});

export const readUnenteredOrder: Read<UnenteredOrder> = shaped<UnenteredOrder>({
  key: text,
  name: text,
  student: text,
});

export const readMayBe: Read<MayBe> = shaped<MayBe>({
  contact: text,
  name: text,
});

export const readHeldRecord: Read<HeldRecord> = shaped<HeldRecord>({
  contact: text,
  may_be: readMayBe,
  name: text,
  student: text,
});

export const readApprovals: Read<Approvals> = shaped<Approvals>({
  appointments: listOf(readAskedAppointment),
  approvals: listOf(readApproval),
  details: listOf(readChangedDetail),
  dismissed: optional(listOf(readUnenteredOrder)),
  orders: optional(listOf(readUnenteredOrder)),
  records: listOf(readHeldRecord),
});

export const readAttention: Read<Attention> = shaped<Attention>({
  mail_reason: text,
  mail_waiting: count,
  to_decide: count,
  undelivered: count,
});

export const readAuditRow: Read<AuditRow> = shaped<AuditRow>({
  about: text,
  at: instant,
  detail: text,
  number: text,
  what: text,
  who: text,
});

export const readAudit: Read<Audit> = shaped<Audit>({
  names: recordOf(text),
  next: optional(text),
  rows: listOf(readAuditRow),
});

export const readClass: Read<Class> = shaped<Class>({
  id: text,
  name: text,
  students: listOf(text),
  subject: text,
  teachers: listOf(text),
  version: text,
});

export const readClasses: Read<Classes> = shaped<Classes>({
  classes: listOf(readClass),
});

export const readSaidDetails: Read<SaidDetails> = shaped<SaidDetails>({
  language: text,
  lives_with: listOf(text),
  telephone: text,
});

export const readContactPerson: Read<ContactPerson> = shaped<ContactPerson>({
  court_order: flag,
  details: optional(readSaidDetails),
  email: text,
  id: text,
  left: optional(instant),
  may_be: optional(readMayBe),
  mobile: optional(text),
  name: text,
  records_email: optional(text),
  records_name: optional(text),
  refused_name: optional(text),
  students: listOf(text),
  telephone: text,
  version: text,
});

export const readDecided: Read<Decided> = shaped<Decided>({
  registered: flag,
});

export const readEveningDraft: Read<EveningDraft> = shaped<EveningDraft>({
  booking_closes: optional(instant),
  classes: optional(listOf(text)),
  date: text,
  ends: text,
  gap_minutes: count,
  name: text,
  slot_minutes: count,
  starts: text,
  time_zone: text,
  version: optional(text),
});

export const readQueued: Read<Queued> = shaped<Queued>({
  queued: count,
  without_address: count,
});

export const readEvening: Read<Evening> = shaped<Evening>({
  booked: count,
  booking: readBooking,
  cancelled: optional(text),
  confirmations: count,
  ends: instant,
  id: text,
  set: readEveningDraft,
  starts: instant,
  told: optional(readQueued),
});

export const readEveningManagers: Read<EveningManagers> = shaped<EveningManagers>({
  members: listOf(text),
  version: optional(text),
});

export const readEveningPerson: Read<EveningPerson> = shaped<EveningPerson>({
  appointments: count,
  email: text,
  has_link: optional(flag),
  id: text,
  mail: optional(readInvitationState),
  name: text,
});

export const readEveningPeople: Read<EveningPeople> = shaped<EveningPeople>({
  away: listOf(text),
  parents: listOf(readEveningPerson),
  teachers: listOf(readEveningPerson),
});

export const readEvenings: Read<Evenings> = shaped<Evenings>({
  evenings: listOf(readEvening),
});

export const readSystemOutcome: Read<SystemOutcome> = oneOf(["done", "tried", "asks", "token", "school", "busy", "failing", "unreachable", "odd", "too_large", "keys", "stopped", "records", "nothing", "unfinished", "unreadable", "folder"]);

export const readSystemRun: Read<SystemRun> = shaped<SystemRun>({
  began: text,
  created: count,
  detail: text,
  has_report: flag,
  kept_back: optional(count),
  leaving: count,
  outcome: readSystemOutcome,
  refused: count,
  seen: optional(text),
  unchanged: count,
  unentered: optional(count),
  updated: count,
});

export const readSystemStep: Read<SystemStep> = oneOf(["beginning", "employees", "classes", "students", "taking"]);

export const readSystemProgress: Read<SystemProgress> = shaped<SystemProgress>({
  count: count,
  step: readSystemStep,
});

export const readImportFolder: Read<ImportFolder> = shaped<ImportFolder>({
  last: optional(readSystemRun),
  running: optional(readSystemProgress),
  there: flag,
});

export const readImportColumns: Read<ImportColumns> = shaped<ImportColumns>({
  choices: listOf(text),
  chosen: listOf(text),
  has_headings: flag,
  headings: listOf(text),
  remembered: flag,
  samples: listOf(listOf(text)),
});

export const readRegistrationRefused: Read<RegistrationRefused> = shaped<RegistrationRefused>({
  id: text,
  name: text,
  reason: text,
});

export const readRegistrationsSent: Read<RegistrationsSent> = shaped<RegistrationsSent>({
  by_letter: optional(listOf(text)),
  refused: listOf(readRegistrationRefused),
  sent: count,
  until: instant,
});

export const readImportKind: Read<ImportKind> = oneOf(["student", "teacher", "class", "contact"]);

export const readImportReading: Read<ImportReading> = shaped<ImportReading>({
  chosen: listOf(text),
  list: readImportKind,
});

export const readImportOutcome: Read<ImportOutcome> = oneOf(["created", "updated", "unchanged", "refused"]);

export const readImportRow: Read<ImportRow> = shaped<ImportRow>({
  does: listOf(text),
  kind: optional(readImportKind),
  line: count,
  outcome: readImportOutcome,
  reason: text,
  student: text,
});

export const readImportReport: Read<ImportReport> = shaped<ImportReport>({
  applied: flag,
  asks_first: optional(flag),
  columns: readImportColumns,
  created: count,
  guessed: optional(listOf(text)),
  invitations: optional(readRegistrationsSent),
  invited: optional(count),
  kept_back: optional(count),
  leaving: optional(listOf(text)),
  notes: optional(listOf(text)),
  orders: optional(listOf(readUnenteredOrder)),
  problem: optional(text),
  readings: optional(listOf(readImportReading)),
  refused: count,
  rows: listOf(readImportRow),
  unchanged: count,
  unused: listOf(text),
  updated: count,
});

export const readSystemRegion: Read<SystemRegion> = oneOf(["world", "australia", "africa"]);

export const readSystemConnection: Read<SystemConnection> = shaped<SystemConnection>({
  nightly: flag,
  region: readSystemRegion,
  school: text,
  version: text,
});

export const readInformationSystem: Read<InformationSystem> = shaped<InformationSystem>({
  connected: optional(readSystemConnection),
  last: optional(readSystemRun),
  running: optional(readSystemProgress),
});

export const readJoinedAccount: Read<JoinedAccount> = oneOf(["none", "kept", "comes", "two"]);

export const readJoinReport: Read<JoinReport> = shaped<JoinReport>({
  account: readJoinedAccount,
  appointments: count,
  appointments_cancelled: count,
  court_order: flag,
  details: flag,
  invitations: count,
  links: count,
  links_ended: count,
  students: listOf(text),
});

export const readLinkShown: Read<LinkShown> = shaped<LinkShown>({
  url: webAddress,
});

export const readLiveCall: Read<LiveCall> = shaped<LiveCall>({
  appointment: readAppointment,
  cap: count,
  parent: text,
  present: listOf(readPresent),
});

export const readLiveView: Read<LiveView> = shaped<LiveView>({
  calls: listOf(readLiveCall),
  now: instant,
  over: count,
  upcoming: count,
});

export const readFormerMember: Read<FormerMember> = shaped<FormerMember>({
  email: text,
  id: text,
  left: instant,
  name: text,
});

export const readStaffRole: Read<StaffRole> = oneOf(["owner", "office", "viewer", "member"]);

export const readMember: Read<Member> = shaped<Member>({
  can_sign_in: flag,
  email: text,
  id: text,
  identified: optional(flag),
  name: text,
  role: readStaffRole,
  second_factor: optional(flag),
});

export const readMembers: Read<Members> = shaped<Members>({
  left: optional(listOf(readFormerMember)),
  members: listOf(readMember),
});

export const readPartNotice: Read<PartNotice> = shaped<PartNotice>({
  part: text,
  text: text,
});

export const readNotices: Read<Notices> = shaped<Notices>({
  notices: listOf(readPartNotice),
});

export const readOpenHours: Read<OpenHours> = shaped<OpenHours>({
  closes: text,
  days: listOf(count),
  opens: text,
});

export const readOfficeArea: Read<OfficeArea> = shaped<OfficeArea>({
  hours: optional(readOpenHours),
  id: text,
  name: text,
  providers: listOf(text),
  purpose: text,
  url: webAddress,
  version: text,
});

export const readOfficeAreas: Read<OfficeAreas> = shaped<OfficeAreas>({
  areas: listOf(readOfficeArea),
});

export const readOfficeBooking: Read<OfficeBooking> = shaped<OfficeBooking>({
  appointment: readAppointment,
  contact: text,
  parent: text,
});

export const readOfficeBookings: Read<OfficeBookings> = shaped<OfficeBookings>({
  bookings: listOf(readOfficeBooking),
});

export const readOfficeInvitation: Read<OfficeInvitation> = shaped<OfficeInvitation>({
  bounce: text,
  consented: instant,
  email: text,
  id: text,
  name: text,
  parent: text,
  sent: instant,
  state: readInvitationState,
  students: listOf(text),
  wording: text,
});

export const readOfficeInvitations: Read<OfficeInvitations> = shaped<OfficeInvitations>({
  invitations: listOf(readOfficeInvitation),
  stopped: listOf(text),
});

export const readOfficeRoom: Read<OfficeRoom> = shaped<OfficeRoom>({
  asks: optional(listOf(readRoomField)),
  closed: optional(flag),
  hours: optional(readOpenHours),
  id: text,
  kept: optional(flag),
  limit: optional(count),
  members: listOf(text),
  name: text,
  url: webAddress,
  version: text,
});

export const readKnownPasskey: Read<KnownPasskey> = shaped<KnownPasskey>({
  id: text,
  transports: listOf(text),
});

export const readNewPasskey: Read<NewPasskey> = shaped<NewPasskey>({
  challenge: text,
  domain: text,
  email: text,
  known: listOf(readKnownPasskey),
  name: text,
  school: text,
  timeout_ms: count,
  user: text,
});

export const readNewSecondFactor: Read<NewSecondFactor> = shaped<NewSecondFactor>({
  address: text,
  secret: text,
});

export const readOfficeRooms: Read<OfficeRooms> = shaped<OfficeRooms>({
  rooms: listOf(readOfficeRoom),
  texts_a_day: count,
  texts_sent: count,
});

export const readOrderTaken: Read<OrderTaken> = shaped<OrderTaken>({
  appointments_cancelled: count,
  contact: readContactPerson,
  links_ended: count,
});

export const readOpenidRefusal: Read<OpenidRefusal> = oneOf(["not_entered", "no_address", "elsewhere", "otherwise", "second_step", "stale", "failed"]);

export const readStaff: Read<Staff> = shaped<Staff>({
  csrf: text,
  email: text,
  evenings: optional(listOf(text)),
  name: text,
  office: flag,
  role: readStaffRole,
  school: text,
});

export const readOpenidAnswer: Read<OpenidAnswer> = shaped<OpenidAnswer>({
  email: optional(text),
  refused: optional(readOpenidRefusal),
  staff: optional(readStaff),
  to: text,
});

export const readOpenidOffer: Read<OpenidOffer> = shaped<OpenidOffer>({
  name: optional(text),
  only: optional(flag),
});

export const readOpenidStarted: Read<OpenidStarted> = shaped<OpenidStarted>({
  url: text,
});

export const readReachedBy: Read<ReachedBy> = oneOf(["text", "letter"]);

export const readUndelivered: Read<Undelivered> = shaped<Undelivered>({
  otherwise: readReachedBy,
  reason: text,
});

export const readOpenContact: Read<OpenContact> = shaped<OpenContact>({
  by: optional(readReachedBy),
  email: text,
  id: text,
  mobile: optional(text),
  name: text,
  students: listOf(text),
  undelivered: optional(readUndelivered),
});

export const readOpenRegistrations: Read<OpenRegistrations> = shaped<OpenRegistrations>({
  contacts: listOf(readOpenContact),
  invited: count,
  total: count,
});

export const readParentNamed: Read<ParentNamed> = shaped<ParentNamed>({
  state: readNamedState,
});

export const readPasskeyAsked: Read<PasskeyAsked> = shaped<PasskeyAsked>({
  challenge: text,
  domain: text,
  known: listOf(readKnownPasskey),
  timeout_ms: count,
});

export const readHindrance: Read<Hindrance> = oneOf(["court_order", "waits"]);

export const readRegistrationState: Read<RegistrationState> = oneOf(["registered", "not_registered", "invited", "expired"]);

export const readPupilContact: Read<PupilContact> = shaped<PupilContact>({
  by: optional(readReachedBy),
  email: text,
  hindrance: optional(readHindrance),
  id: text,
  mobile: optional(text),
  name: text,
  state: readRegistrationState,
  undelivered: optional(readUndelivered),
  until: optional(instant),
});

export const readPupil: Read<Pupil> = shaped<Pupil>({
  contacts: listOf(readPupilContact),
  homeroom: text,
  id: text,
  name: text,
});

export const readPupils: Read<Pupils> = shaped<Pupils>({
  next: optional(text),
  pupils: listOf(readPupil),
  total: count,
});

export const readRecoveryCodes: Read<RecoveryCodes> = shaped<RecoveryCodes>({
  codes: listOf(text),
});

export const readAskedStudent: Read<AskedStudent> = shaped<AskedStudent>({
  id: text,
  lives_with: flag,
  name: text,
});

export const readDetailsOffer: Read<DetailsOffer> = shaped<DetailsOffer>({
  given: flag,
  inviter: text,
  language: text,
  may_name: flag,
  named: listOf(readNamedParent),
  shares: readShares,
  students: listOf(readAskedStudent),
  telephone: text,
});

export const readOfferState: Read<OfferState> = oneOf(["open", "expired", "replaced", "registered", "shared", "address"]);

export const readRegistrationOffer: Read<RegistrationOffer> = shaped<RegistrationOffer>({
  details: optional(readDetailsOffer),
  email: text,
  has_account: flag,
  name: text,
  school: text,
  state: readOfferState,
  students: listOf(text),
  time_zone: text,
  until: instant,
});

export const readRegistrationProgress: Read<RegistrationProgress> = shaped<RegistrationProgress>({
  undelivered: listOf(readOpenContact),
  waiting: count,
});

export const readRegistrationPrint: Read<RegistrationPrint> = shaped<RegistrationPrint>({
  code: text,
  id: text,
  language: optional(text),
  name: text,
  students: listOf(text),
  url: text,
});

export const readRegistrationLetters: Read<RegistrationLetters> = shaped<RegistrationLetters>({
  address: text,
  letters: listOf(readRegistrationPrint),
  refused: listOf(readRegistrationRefused),
  school: text,
  time_zone: text,
  until: instant,
});

export const readReplaced: Read<Replaced> = shaped<Replaced>({
  asked: count,
  cancelled: count,
  given: count,
});

export const readParentsInvite: Read<ParentsInvite> = oneOf(["never", "approved", "always"]);

export const readSchoolSettings: Read<SchoolSettings> = shaped<SchoolSettings>({
  contact: readContact,
  name: text,
  parents_invite: optional(readParentsInvite),
  reminds: optional(flag),
  retention_days: count,
  time_zone: text,
  version: optional(text),
});

export const readPasskey: Read<Passkey> = shaped<Passkey>({
  added: instant,
  id: text,
  name: text,
  used: optional(instant),
});

export const readSecondFactor: Read<SecondFactor> = shaped<SecondFactor>({
  app: flag,
  codes_left: count,
  passkeys: listOf(readPasskey),
  since: optional(text),
  takes_passkeys: flag,
});

export const readSetupOffer: Read<SetupOffer> = shaped<SetupOffer>({
  email: optional(text),
  second_factor: optional(flag),
});

export const readOtherArea: Read<OtherArea> = shaped<OtherArea>({
  id: text,
  name: text,
});

export const readCallerState: Read<CallerState> = oneOf(["waiting", "away", "called", "in_call", "gone"]);

export const readAreaCaller: Read<AreaCaller> = shaped<AreaCaller>({
  id: text,
  message: text,
  mine: optional(flag),
  name: text,
  reason: text,
  state: readCallerState,
  taken_by: optional(text),
  waited_ms: count,
});

export const readLeftWords: Read<LeftWords> = shaped<LeftWords>({
  at: text,
  id: text,
  name: text,
  reason: text,
  words: text,
});

export const readStaffArea: Read<StaffArea> = shaped<StaffArea>({
  away_until: optional(text),
  callers: listOf(readAreaCaller),
  id: text,
  in_call: optional(flag),
  late_minutes: optional(count),
  left: listOf(readLeftWords),
  name: text,
  url: webAddress,
});

export const readStaffEvening: Read<StaffEvening> = shaped<StaffEvening>({
  name: text,
  starts: instant,
  time_zone: text,
  url: webAddress,
});

export const readRoomGuest: Read<RoomGuest> = shaped<RoomGuest>({
  came: instant,
  email: optional(text),
  mobile: optional(text),
  name: text,
  reason: text,
});

export const readStaffRoom: Read<StaffRoom> = shaped<StaffRoom>({
  guests: optional(listOf(readRoomGuest)),
  here: count,
  id: text,
  kept: optional(flag),
  name: text,
  url: webAddress,
});

export const readStaffHome: Read<StaffHome> = shaped<StaffHome>({
  all_areas: listOf(readOtherArea),
  areas: listOf(readStaffArea),
  evenings: optional(listOf(readStaffEvening)),
  hat: optional(readHat),
  rooms: listOf(readStaffRoom),
  seen: text,
});

export const readStopState: Read<StopState> = oneOf(["new", "stands", "let_back"]);

export const readStoppedCall: Read<StoppedCall> = shaped<StoppedCall>({
  at: instant,
  by: text,
  guests: listOf(text),
  id: text,
  note: text,
  place: text,
  starts: optional(instant),
  state: readStopState,
  student: optional(text),
});

export const readStoppedCalls: Read<StoppedCalls> = shaped<StoppedCalls>({
  calls: listOf(readStoppedCall),
});

export const readStudentContact: Read<StudentContact> = shaped<StudentContact>({
  court_order: flag,
  email: text,
  id: text,
  name: text,
  registered: optional(flag),
  waits: flag,
});

export const readRefusedName: Read<RefusedName> = shaped<RefusedName>({
  by: text,
  name: text,
});

export const readStudent: Read<Student> = shaped<Student>({
  classes: listOf(text),
  contacts: listOf(readStudentContact),
  homeroom: text,
  id: text,
  left: optional(instant),
  name: text,
  records_name: optional(text),
  refused_names: optional(listOf(readRefusedName)),
  version: text,
  year: orElse(text, ""),
});

export const readClassList: Read<ClassList> = shaped<ClassList>({
  id: text,
  name: text,
  students: count,
});

export const readHomeroom: Read<Homeroom> = shaped<Homeroom>({
  name: text,
  students: count,
});

export const readYearList: Read<YearList> = shaped<YearList>({
  name: text,
  students: count,
});

export const readStudentLists: Read<StudentLists> = shaped<StudentLists>({
  classes: listOf(readClassList),
  homerooms: listOf(readHomeroom),
  years: orElse(listOf(readYearList), []),
});

export const readFoundKind: Read<FoundKind> = oneOf(["teacher", "contact", "staff"]);

export const readFoundPerson: Read<FoundPerson> = shaped<FoundPerson>({
  id: text,
  kind: readFoundKind,
  name: text,
});

export const readStudents: Read<Students> = shaped<Students>({
  next: optional(text),
  others: listOf(readFoundPerson),
  students: listOf(readStudent),
  total: count,
});

export const readTeacher: Read<Teacher> = shaped<Teacher>({
  email: text,
  id: text,
  name: text,
  version: text,
});

export const readTeachers: Read<Teachers> = shaped<Teachers>({
  left: optional(listOf(readTeacher)),
  teachers: listOf(readTeacher),
});

export const readCameBy: Read<CameBy> = shaped<CameBy>({
  came: instant,
  id: text,
  name: text,
  place: text,
});

export const readVisits: Read<Visits> = shaped<Visits>({
  visits: listOf(readCameBy),
});
